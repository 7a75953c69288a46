"""A gift as its page shows it: where it stands, what is in it, what can be chosen."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from goody_emulator.caller import emulator
from goody_emulator.catalog.model import Product
from goody_emulator.catalog.shelf import Shelf
from goody_emulator.errors import NotFoundError
from goody_emulator.orders import lifecycle
from goody_emulator.orders.countries import COUNTRIES
from goody_emulator.orders.pricing import Line
from goody_emulator.orders.swaps import SwapTerms, terms_of
from goody_emulator.orders.validation import DIRECT_SEND, DISABLED, WORLDWIDE
from goody_emulator.state.store import Row


@dataclass(frozen=True, slots=True)
class Choice:
    """One variant to choose: the name of its form field, and how it is asked for."""

    field: str
    label: str


@dataclass(frozen=True, slots=True)
class Good:
    """One item of a cart; `product` is None when the catalog no longer knows it."""

    item_id: str
    name: str
    brand: str
    quantity: int
    product: Product | None
    choices: tuple[Choice, ...]

    @property
    def about(self) -> str:
        """What a recipient reads about it."""
        return "" if self.product is None else self.product.recipient_description or self.product.subtitle or ""

    @property
    def options(self) -> list[tuple[str, str]]:
        """What each of its choices offers, as value and text."""
        return [] if self.product is None else [(variant.name, variant.name) for variant in self.product.variants]

    @property
    def picture(self) -> str | None:
        """The path of its picture."""
        return None if self.product is None else f"/images/products/{self.product.id}/view1-480x480.svg"


@dataclass(frozen=True, slots=True)
class Gift:
    """An order with its batch, on its way to a recipient."""

    order: Row
    batch: Row

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/gift/{self.order['gift_token']}"

    @property
    def state(self) -> str:
        """`open` to be accepted, `expired`, `canceled`, or `accepted` (as a direct send is from the start)."""
        if self.order["status"] not in lifecycle.NOT_ACCEPTED:
            return "accepted" if self.order["status"] in lifecycle.ACCEPTED else "canceled"
        if self.batch["send_method"] == DIRECT_SEND:
            return "accepted"
        return "expired" if lifecycle.has_expired(self.order["expires_at"], emulator().store.clock.now()) else "open"

    @property
    def can_swap(self) -> bool:
        """Tell whether its recipient may take something else instead."""
        return self.state == "open" and self.batch["swap"] != DISABLED

    @property
    def shelf(self) -> Shelf:
        """What its app sees of the catalog."""
        return emulator().catalog.of(self.order["app_id"])

    @property
    def swap_terms(self) -> SwapTerms:
        """What it can be swapped for."""
        return terms_of(self.batch, self.shelf)

    @property
    def must_be_swapped(self) -> bool:
        """Tell whether it is a gift of choice, for which its recipient takes something of a collection."""
        return bool(self.swap_terms.choices)

    @property
    def countries(self) -> Mapping[str, str]:
        """The countries it can be sent to, by code."""
        tier = self.batch["international_shipping_tier"]
        goes_abroad = tier == WORLDWIDE or (tier != DISABLED and self.batch["international_gift_cards_enabled"])
        return COUNTRIES if goes_abroad else {"US": COUNTRIES["US"]}

    @property
    def address(self) -> dict[str, str]:
        """What is known of its recipient's address, by field."""
        given = json.loads(self.order["mailing_address"] or "{}")
        known = {"first_name": self.order["first_name"], "country": "US"}
        return known | {name: value for name, value in given.items() if value}

    @property
    def card(self) -> str | None:
        """The path of its greeting card's picture."""
        card_id = self.batch["card_id"]
        return f"/images/cards/{card_id}/front-800x1130.svg" if card_id in self.shelf.cards else None

    def goods(self) -> list[Good]:
        """Return what is in it now."""
        products = self.shelf.products
        return [
            _good(
                place, item["id"], (item["product"]["name"], item["product"]["brand"]["name"]), item["quantity"], known
            )
            for place, item in enumerate(emulator().orders.cart_of(self.order)["items"])
            for known in [products.get(item["product"]["id"])]
        ]


def find_gift(token: str) -> Gift:
    """Return the gift of a link; NotFoundError when there is none."""
    order = emulator().store.row("SELECT * FROM orders WHERE gift_token = ?", token)
    if order is None:
        raise NotFoundError("Gift not found")
    return Gift(order, emulator().orders.batch_of(order))


def goods_of(lines: Sequence[Line]) -> list[Good]:
    """Return what a recipient would take instead."""
    return [
        _good(place, "", (line.product.name, line.product.brand.name), line.quantity, line.product)
        for place, line in enumerate(lines)
    ]


def _good(place: int, item_id: str, names: tuple[str, str], quantity: int, product: Product | None) -> Good:
    picks = 0 if product is None else product.variants_num_selectable or 0
    label = "Option" if product is None else product.variants_label or "Option"
    choices = tuple(
        Choice(f"variant-{place}-{unit}-{pick}", _label(label, (unit, quantity), (pick, picks)))
        for unit in range(quantity)
        for pick in range(picks)
    )
    return Good(item_id, *names, quantity, product, choices)


def _label(label: str, unit: tuple[int, int], pick: tuple[int, int]) -> str:
    which = f"No. {unit[0] + 1}: " if unit[1] > 1 else ""
    place = f" {pick[0] + 1} of {pick[1]}" if pick[1] > 1 else ""
    return f"{which}{label}{place}"

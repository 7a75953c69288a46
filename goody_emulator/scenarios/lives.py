"""How the orders of a history go: what is ordered, and what becomes of it."""

from collections.abc import Mapping
from random import Random
from typing import Any, Final, NamedTuple

from goody_emulator.catalog.shelf import Shelf
from goody_emulator.inputs import BatchInput, Cart, CartItem, Recipient
from goody_emulator.orders.validation import DIRECT_SEND
from goody_emulator.scenarios.script import AT_PLACE_OF, Step
from goody_emulator.state import timestamps

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
_EXPIRES_AFTER: Final = 60
"""Days a gift can be accepted for."""
_FIRST: Final = ("Ada", "Bo", "Cleo", "Dag", "Eve", "Finn", "Gus", "Hal", "Ida", "Jo", "Kim", "Lea", "Max", "Noa")
_LAST: Final = ("Moss", "Lind", "Okafor", "Rao", "Silva", "Tanaka", "Ueda", "Vance", "Weber", "Young")
_METHODS: Final = {"link_multiple_custom_list": 60, "email_and_link": 25, DIRECT_SEND: 15}
_SIZES: Final = {1: 80, 2: 12, 3: 5, 5: 3}
"""How many recipients a batch has, by weight."""
_ENDS: Final = {"delivered": 62, "refunded": 3, "unpaid": 9, "opened": 8, "forgotten": 12, "canceled": 6}


class Turn(NamedTuple):
    """A step of a life, so many milliseconds after the order was made."""

    at: int
    step: Step


class Lives:
    """Draws batches and lives; the same dice give the same ones."""

    def __init__(self, dice: Random, shelf: Shelf, payment_method_id: str) -> None:
        self._dice = dice
        self._payment_method_id = payment_method_id
        self._goods = [
            product
            for product in shelf.products.values()
            if product.status == "active"
            and not (product.price_is_variable or product.restricted_states or product.id in shelf.gift_collections)
        ]

    def batches(self, orders: int, start: int, end: int) -> list[tuple[int, int]]:
        """Return when batches are ordered, from a moment on and before another, and how many orders each has."""
        sizes: list[int] = []
        while orders > 0:
            sizes.append(min(orders, self._one(_SIZES)))
            orders -= sizes[-1]
        return sorted((self._dice.randrange(start, end), size) for size in sizes)

    def wish(self, size: int, moment: int, reference: str) -> BatchInput:
        """Return a batch of so many recipients, to be ordered at a moment."""
        method = str(self._one(_METHODS))
        product = self._dice.choice(self._goods)
        count = (product.variants_num_selectable or 0) if method == DIRECT_SEND else 0
        variants = [variant.name for variant in product.variants[:1]] * count
        recipients = [self._recipient(method, f"{reference}-{place}") for place in range(size)]
        return BatchInput(
            recipients=recipients,
            cart=Cart([CartItem(product.id, quantity=1, variants=variants or None)]),
            send_method=method,
            from_name=self._dice.choice(_FIRST),
            payment_method_id=self._payment_method_id,
            expires_at=timestamps.shown(moment + _EXPIRES_AFTER * DAY),
            customer_reference_id=reference,
        )

    def life(self, method: str) -> list[Turn]:
        """Return what becomes of an order that was sent in a certain way, in time."""
        end = self._one(_ENDS)
        turns: list[Turn] = []
        at = self._wait(10 * MINUTE, 2 * DAY)
        if method != DIRECT_SEND:
            if end == "forgotten":
                return []
            turns.append(Turn(at, Step("open")))
            at += self._wait(MINUTE, 6 * HOUR)
            if end in {"opened", "canceled"}:
                return turns if end == "opened" else [*turns, Turn(at, Step("cancel"))]
            turns.append(Turn(at, self._acceptance()))
            at += self._wait(MINUTE, 5 * HOUR)
        return turns if end == "unpaid" else [*turns, *self._after_acceptance(at, end)]

    def _after_acceptance(self, at: int, end: str) -> list[Turn]:
        turns = [Turn(at, Step("pay"))]
        at += self._wait(4 * HOUR, 3 * DAY)
        turns.append(Turn(at, Step("ship")))
        at += self._wait(DAY, 6 * DAY)
        turns.append(Turn(at, Step("deliver")))
        if end == "refunded":
            turns.append(Turn(at + self._wait(HOUR, 5 * DAY), Step("refund")))
        elif self._dice.random() < 0.2:  # noqa: PLR2004 - so many write back
            turns.append(Turn(at + self._wait(HOUR, DAY), Step("thank_you_note", note="Thank you so much!")))
        return turns

    def _acceptance(self) -> Step:
        state = self._dice.choice(("NY", "CA", "TX", "WA", "IL", "OR"))
        swap: Any = "any" if self._dice.random() < 0.05 else None  # noqa: PLR2004 - so many swap
        return Step("accept", state=state, swap=swap)

    def _recipient(self, method: str, mark: str) -> Recipient:
        first, last = self._dice.choice(_FIRST), self._dice.choice(_LAST)
        email = f"{first}.{last}.{mark}@example.test".lower() if method == "email_and_link" else None
        return Recipient(first, last, email, mailing_address=AT_PLACE_OF if method == DIRECT_SEND else None)

    def _one(self, weights: Mapping[Any, int]) -> Any:  # noqa: ANN401 - of whatever is drawn from
        return self._dice.choices([*weights], [*weights.values()])[0]

    def _wait(self, shortest: int, longest: int) -> int:
        """Return a time between two, the short ones more likely."""
        return shortest + round((longest - shortest) * self._dice.random() ** 3)

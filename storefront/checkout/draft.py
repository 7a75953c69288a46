"""What a partner's app asks for: the draft that becomes an order, as values."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from foundation.goody.payloads import CartInput, CartItemInput, PriceInput, RecipientInput
from payments.placing import Gift


class Item(Struct, frozen=True):
    """A product to send; `variable_price` in US cents is the sender's choice within Goody's bounds."""

    product_id: str
    quantity: int
    variants: tuple[str, ...] = ()
    variable_price: int | None = None


class Draft(Struct, frozen=True):
    """One checkout's content. Field names are those of the REST API."""

    from_name: str
    send_method: str
    payment_mode: str
    items: tuple[Item, ...]
    recipients: tuple[RecipientInput, ...]
    message: str | None = None
    card_id: str | None = None
    swap: str | None = None
    international_shipping_tier: str | None = None
    international_gift_cards_enabled: bool | None = None
    notifications_enabled: bool | None = None
    expires_at: datetime | None = None
    scheduled_send_on: datetime | None = None
    metadata: dict[str, str] = {}
    is_expiry_default: bool = False
    """Whether `expires_at` is the app's default, which follows what else is changed, or the caller's choice."""

    @property
    def price_input(self) -> PriceInput:
        """What Goody is asked the price of."""
        items = tuple(
            CartItemInput(
                product_id=item.product_id,
                quantity=item.quantity,
                variable_price=item.variable_price,
                variants=item.variants or None,
            )
            for item in self.items
        )
        return PriceInput(recipients=self.recipients, cart=CartInput(items=items), send_method=self.send_method)

    @property
    def gift(self) -> Gift:
        """How it is given, for payments."""
        return Gift(
            from_name=self.from_name,
            send_method=self.send_method,
            recipients=self.recipients,
            message=self.message,
            card_id=self.card_id,
            swap=self.swap,
            international_shipping_tier=self.international_shipping_tier,
            international_gift_cards_enabled=self.international_gift_cards_enabled,
            notifications_enabled=self.notifications_enabled,
            expires_at=self.expires_at,
            scheduled_send_on=self.scheduled_send_on,
        )


def read_draft(data: dict[str, Any]) -> Draft:
    """A draft from validated request data, or from what was stored."""
    return msgspec.convert(data, Draft, strict=False)


def change_draft(stored: dict[str, Any], changes: dict[str, Any]) -> Draft:
    """What was stored, with these fields replaced. An expiry that is named is no default any more."""
    chosen = {"is_expiry_default": False} if "expires_at" in changes else {}
    return read_draft({**stored, **changes, **chosen})


def write_draft(draft: Draft) -> dict[str, Any]:
    """The draft as JSON keeps it."""
    stored: dict[str, Any] = msgspec.to_builtins(draft)
    return stored

"""What we send to Goody, under Goody's own field names. A field that is None is left out of the body.

The same intent makes the same bytes every time: an order batch is resent byte for byte until its outcome is known.
"""

from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr

from foundation.goody.moments import as_utc


class MailingAddress(Struct, frozen=True, omit_defaults=True):
    """Where a direct send goes: one level, directly in the recipient."""

    address_1: str
    city: str
    state: str
    postal_code: str
    # Goody requires the key, so it has no default that could be left out.
    country: str
    address_2: str | None = None
    first_name: str | None = None
    last_name: str | None = None

    def __repr__(self) -> str:
        return "MailingAddress(…)"


class RecipientInput(Struct, frozen=True, omit_defaults=True):
    """One recipient; `phone` is an E.164 number of the US."""

    first_name: str
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    mailing_address: MailingAddress | None = None

    def __repr__(self) -> str:
        return "RecipientInput(…)"


class CartItemInput(Struct, frozen=True, omit_defaults=True):
    """A product to send; `variable_price` in cents per unit, `variants` by name, for a direct send."""

    product_id: str
    quantity: int
    variable_price: int | None = None
    variants: tuple[str, ...] | None = None


class CartInput(Struct, frozen=True):
    """What every recipient of the batch is sent."""

    items: tuple[CartItemInput, ...]


class OrderBatchInput(Struct, frozen=True, omit_defaults=True):
    """The body of `POST /v1/order_batches`; `customer_reference_id`, unique per Goody account, guards a resend."""

    from_name: str
    send_method: str
    recipients: tuple[RecipientInput, ...]
    cart: CartInput
    message: str | None = None
    card_id: str | None = None
    payment_method_id: str | None = None
    scheduled_send_on: datetime | None = None
    expires_at: datetime | None = None
    swap: str | None = None
    international_shipping_tier: str | None = None
    international_gift_cards_enabled: bool | None = None
    notifications_enabled: bool | None = None
    commerce_end_user_id: str | None = None
    customer_reference_id: str | None = None

    def __post_init__(self) -> None:
        for name in ("scheduled_send_on", "expires_at"):
            moment: datetime | None = getattr(self, name)
            if moment is not None:
                force_setattr(self, name, as_utc(moment))

    def __repr__(self) -> str:
        return f"OrderBatchInput(customer_reference_id={self.customer_reference_id!r})"


class BillingAddress(Struct, frozen=True, omit_defaults=True):
    """Where a card's statements go; `country` is two letters."""

    address_1: str
    city: str
    state: str
    postal_code: str
    country: str
    address_2: str | None = None

    def __repr__(self) -> str:
        return "BillingAddress(…)"


class UserCardInput(Struct, frozen=True):
    """The body that saves an end user's card: the card form's key stands for its number, which nobody here sees."""

    cardholder_name: str
    commerce_end_user_id: str
    interim_card_key: str
    billing_address: BillingAddress
    payment_method_type: str = "card"

    def __repr__(self) -> str:
        return "UserCardInput(…)"


class ExpirationInput(Struct, frozen=True):
    """The body of `POST /v1/orders/{id}/update_expiration`."""

    expiration: datetime

    def __post_init__(self) -> None:
        force_setattr(self, "expiration", as_utc(self.expiration))


class PriceInput(Struct, frozen=True):
    """The body of `POST /v1/order_batches/price`: exact for a direct send with addresses, a range otherwise."""

    recipients: tuple[RecipientInput, ...]
    cart: CartInput
    send_method: str


def encode(payload: OrderBatchInput | PriceInput | UserCardInput | ExpirationInput) -> bytes:
    """The JSON body of a payload, the same bytes for the same values."""
    return msgspec.json.encode(payload)

"""What a client sends, as far as the emulator reads it: the shapes only, no judgement."""

from typing import TypeVar

import msgspec

from goody_emulator.errors import RefusedError

Shape = TypeVar("Shape", bound=msgspec.Struct)


class Address(msgspec.Struct, frozen=True, omit_defaults=True):
    """A mailing address; blank is as good as absent."""

    address_1: str = ""
    address_2: str | None = None
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str | None = None
    first_name: str | None = None
    last_name: str | None = None


class Recipient(msgspec.Struct, frozen=True):
    """Someone a gift is for."""

    first_name: str = ""
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    mailing_address: Address | None = None


class CartItem(msgspec.Struct, frozen=True):
    """A product the sender chose."""

    product_id: str | None = None
    product_url: str | None = None
    quantity: int = 0
    variable_price: int | None = None
    variants: list[str] | None = None

    @property
    def named(self) -> str:
        """The product's id, taken from the end of its URL when only that was given."""
        return self.product_id or (self.product_url or "").rstrip("/").rpartition("/")[2]


class Cart(msgspec.Struct, frozen=True):
    """The products of one gift."""

    items: list[CartItem] = []


class PriceInput(msgspec.Struct, frozen=True):
    """The body of a price request."""

    recipients: list[Recipient] = []
    cart: Cart = Cart()
    send_method: str = ""


class BatchInput(PriceInput, frozen=True):
    """The body that creates an order batch."""

    from_name: str = ""
    message: str | None = None
    card_id: str | None = None
    payment_method_id: str | None = None
    workspace_id: str | None = None
    scheduled_send_on: str | None = None
    expires_at: str | None = None
    swap: str | None = None
    international_shipping_tier: str | None = None
    international_gift_cards_enabled: bool | None = None
    notifications_enabled: bool | None = None
    commerce_end_user_id: str | None = None
    customer_reference_id: str | None = None


class SwapItem(msgspec.Struct, frozen=True):
    """A product a recipient takes instead of the gift."""

    product_id: str = ""
    quantity: int = 1
    variants: list[str] | None = None
    """Variant names of one unit, or of all units in a row; left out, the first one."""


class Acceptance(msgspec.Struct, frozen=True):
    """What a recipient enters on the gift page."""

    mailing_address: Address = Address()
    variants: dict[str, list[str]] = {}
    """Variant names by id of the cart item or product: those of one unit, or of all units in a row."""
    swap: list[SwapItem] = []
    """What the recipient takes instead of the gift; empty keeps it."""
    credit_applied: int = 0
    """Cents of credit the recipient's total is lessened by."""


class Deposit(msgspec.Struct, frozen=True):
    """Money put into a stored value account or taken out of it, in cents."""

    amount: int


class ThankYouNote(msgspec.Struct, frozen=True):
    """What a recipient writes back."""

    note: str = ""


def read_body(body: bytes, shape: type[Shape]) -> Shape:
    """Return a JSON body in its shape; RefusedError says what does not fit."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise RefusedError(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusedError("Request body is not valid JSON") from error

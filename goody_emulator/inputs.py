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
    mailing_address: "Address | None" = None
    """What one of Goody's examples has in this place: see the quirk nested-address."""

    def unnested(self) -> "Address":
        """Return the address that is nested in this one, with this one's name where it has none."""
        inner = self.mailing_address
        if inner is None:
            return self
        first_name, last_name = inner.first_name or self.first_name, inner.last_name or self.last_name
        return msgspec.structs.replace(inner, first_name=first_name, last_name=last_name, mailing_address=None)


class Recipient(msgspec.Struct, frozen=True):
    """Someone a gift is for."""

    first_name: str = ""
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    mailing_address: Address | None = None


def unnested(recipient: Recipient) -> Recipient:
    """Return a recipient whose address is of one level."""
    address = recipient.mailing_address
    return recipient if address is None else msgspec.structs.replace(recipient, mailing_address=address.unnested())


class CartItem(msgspec.Struct, frozen=True):
    """A product the sender chose."""

    product_id: str | None = None
    product_url: str | None = None
    quantity: int = 0
    variable_price: int | None = None
    variants: list[str] | None = None

    @property
    def named(self) -> str:
        """The product's id or, when only that was given, its URL."""
        return self.product_id or self.product_url or ""


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
    reserved_options: dict[str, msgspec.Raw] | None = None
    """For partners that Goody agrees them with; nothing is read of it here."""


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


def read_body(body: bytes, shape: type[Shape]) -> Shape:
    """Return a JSON body in its shape; RefusedError says what does not fit."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise RefusedError(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError("Request body is not valid JSON") from error

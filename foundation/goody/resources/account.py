"""What Goody sends about the account and about prices."""

from datetime import datetime

from msgspec import Struct

from foundation.goody.resources.values import Cents, set_utc


class Me(Struct, frozen=True):
    """Whom the API key belongs to; it says nothing about the environment."""

    email: str | None = None
    public_app_id: str | None = None


class PaymentMethod(Struct, frozen=True):
    """A way to pay Goody; `balance` is there for stored value only."""

    id: str
    name: str
    cardholder_name: str | None = None
    balance: Cents | None = None


class UserCard(
    Struct,
    frozen=True,
    rename={"brand": "card_brand", "last_4": "card_last_4", "exp_month": "card_exp_month", "exp_year": "card_exp_year"},
):
    """A card of an end user, as Goody describes it; the number itself stays with the card form."""

    id: str
    brand: str | None = None
    last_4: str | None = None
    exp_month: int | None = None
    exp_year: int | None = None
    cardholder_name: str | None = None
    created_at: datetime | None = None

    def __post_init__(self) -> None:
        set_utc(self, "created_at")

    def __repr__(self) -> str:
        return f"UserCard(id={self.id!r})"


class RecipientPrice(
    Struct,
    frozen=True,
    rename={
        "product": "price_product",
        "shipping": "price_shipping",
        "processing_fee": "price_processing_fee",
        "pre_tax": "price_pre_tax",
        "tax_low": "price_est_tax_low",
        "tax_high": "price_est_tax_high",
        "total_low": "price_est_total_low",
        "total_high": "price_est_total_high",
    },
):
    """What one recipient's gift costs: certain before tax, a range from there on."""

    product: Cents
    shipping: Cents
    processing_fee: Cents
    pre_tax: Cents
    tax_low: Cents
    tax_high: Cents
    total_low: Cents
    total_high: Cents


class TotalPrice(
    Struct,
    frozen=True,
    rename={
        "tax": "est_tax_calculated",
        "total": "est_total_calculated",
        "total_low": "est_group_total_low",
        "total_high": "est_group_total_high",
    },
):
    """What all recipients cost together: `tax` and `total` when every address is known, else the low and the high."""

    recipients: int
    tax: Cents | None = None
    total: Cents | None = None
    total_low: Cents | None = None
    total_high: Cents | None = None


class Price(Struct, frozen=True, rename={"per_recipient": "cart_price", "total": "total_price"}):
    """Goody's answer to what a batch would cost."""

    per_recipient: RecipientPrice
    total: TotalPrice

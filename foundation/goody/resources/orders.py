"""What Goody sends about orders, their batches and what happens to them."""

from datetime import datetime

from msgspec import Struct

from foundation.goody.resources.values import Cents, set_utc


class CartBrand(Struct, frozen=True):
    """The brand as carts name it, without its shipping terms."""

    id: str
    name: str = ""


class CartProduct(Struct, frozen=True):
    """The product as carts name it, without a price."""

    id: str
    name: str
    brand: CartBrand


class CartItem(Struct, frozen=True):
    """A product and how many of it."""

    id: str
    product: CartProduct
    quantity: int


class Cart(Struct, frozen=True):
    """What is in an order or a batch."""

    id: str | None = None
    items: tuple[CartItem, ...] = ()


class CartSelection(Struct, frozen=True):
    """The variants that the recipient chose for one of the items."""

    id: str
    cart_item_id: str
    quantity_index: int = 0
    variants: tuple[str, ...] = ()


class Amounts(Struct, frozen=True, rename=lambda name: f"amount_{name}"):
    """What an order costs. Tax and total are None until the recipient has accepted."""

    product: Cents
    shipping: Cents
    pre_tax_total: Cents
    processing_fee: Cents = 0
    credit_applied: Cents = 0
    tax: Cents | None = None
    total: Cents | None = None
    global_relay_cost: Cents | None = None


class OriginalAmounts(Struct, frozen=True, rename=lambda name: f"original_amount_{name}"):
    """What a swapped order cost before the swap."""

    product: Cents | None = None
    shipping: Cents | None = None
    credit_applied: Cents | None = None
    pre_tax_total: Cents | None = None


class Shipment(Struct, frozen=True):
    """One parcel of an order; tracking is told to approved partners only."""

    id: str
    status: str
    brand_name: str = ""
    tracking_carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    delivery_eta: datetime | None = None

    def __post_init__(self) -> None:
        set_utc(self, "shipped_at", "delivered_at", "delivery_eta")


class EventTimes(Struct, frozen=True):
    """When an order passed each of its stages; only `GET /v1/orders/{id}` tells."""

    created_at: datetime
    notified_at: datetime | None = None
    opened_at: datetime | None = None
    accepted_at: datetime | None = None
    thank_you_added_at: datetime | None = None
    pending_payment_at: datetime | None = None
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None

    def __post_init__(self) -> None:
        set_utc(self, *self.__struct_fields__)


class Person(Struct, frozen=True):
    """A sender or a recipient, as a batch names them."""

    first_name: str = ""
    last_name: str | None = None
    email: str | None = None

    def __repr__(self) -> str:
        return "Person(…)"


class Order(Struct, frozen=True):
    """One recipient's gift. What was charged is `amounts.total` less `amounts.credit_applied`."""

    id: str
    status: str
    cart: Cart
    amounts: Amounts
    recipient_first_name: str = ""
    recipient_last_name: str | None = None
    recipient_email: str | None = None
    individual_gift_link: str | None = None
    cart_selections: tuple[CartSelection, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    workspace_id: str | None = None
    workspace_name: str | None = None
    expires_at: datetime | None = None
    card_id: str | None = None
    message: str | None = None
    thank_you_note: str | None = None
    view_count_recipient: int = 0
    is_swapped: bool = False
    order_batch_id: str | None = None
    event_times: EventTimes | None = None
    original_cart: Cart | None = None
    original_amounts: OriginalAmounts | None = None
    sender: Person | None = None
    payment_link: str | None = None
    reference_id: str | None = None

    def __post_init__(self) -> None:
        set_utc(self, "expires_at")

    def __repr__(self) -> str:
        return f"Order(id={self.id!r}, status={self.status!r})"


class OrderBatch(Struct, frozen=True):
    """What one `POST /v1/order_batches` made: `pending` while Goody still has to create its orders."""

    id: str
    send_status: str
    from_name: str = ""
    message: str | None = None
    orders_count: int = 0
    orders_preview: tuple[Order, ...] = ()
    recipients_count: int = 0
    recipients_preview: tuple[Person, ...] = ()
    cart: Cart = Cart()
    is_scheduled_send: bool = False
    scheduled_send_on: datetime | None = None
    expires_at: datetime | None = None
    send_method: str | None = None
    batch_name: str | None = None
    card_id: str | None = None
    sender: Person | None = None
    workspace_id: str | None = None
    workspace_name: str | None = None
    reference_id: str | None = None
    customer_reference_id: str | None = None

    def __post_init__(self) -> None:
        set_utc(self, "scheduled_send_on", "expires_at")

    def __repr__(self) -> str:
        return f"OrderBatch(id={self.id!r}, send_status={self.send_status!r})"


class OrderActivity(Struct, frozen=True):
    """A change of an order's status; `order` is the order as it is now, not as it was then."""

    id: str
    order_status: str
    created_at: datetime
    order: Order

    def __post_init__(self) -> None:
        set_utc(self, "created_at")

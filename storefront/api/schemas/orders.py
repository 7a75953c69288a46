"""Order batches and orders."""

from marshmallow import Schema, fields, validate

from payments.lifecycle import Status
from payments.order_change_states import SHOWN
from payments.payment_links import LinkStatus
from payments.submission_states import Submission
from payments.timeline import SourceKind, Step
from storefront.api.schemas.catalog import page_of
from storefront.api.schemas.checkouts import QuoteSchema
from storefront.api.schemas.common import Moment, PageQuery, Strict, amount, text


class CartBrandSchema(Schema):
    """A brand, as carts name it."""

    id = fields.String()
    name = fields.String()


class CartProductSchema(Schema):
    """A product, as carts name it."""

    id = fields.String()
    name = fields.String()
    brand = fields.Nested(CartBrandSchema)


class CartItemSchema(Schema):
    """A product and how many of it."""

    id = fields.String()
    quantity = fields.Integer()
    product = fields.Nested(CartProductSchema)


class CartSchema(Schema):
    """What is in an order."""

    id = fields.String(allow_none=True)
    items = fields.List(fields.Nested(CartItemSchema))


class AmountsSchema(Schema):
    """What an order costs; tax and total are null until the recipient has accepted."""

    amount_product = amount()
    amount_shipping = amount()
    amount_processing_fee = amount()
    amount_credit_applied = amount()
    amount_pre_tax_total = amount()
    amount_tax = amount(allow_none=True)
    amount_total = amount(allow_none=True)
    amount_global_relay_cost = amount(allow_none=True)


class OriginalAmountsSchema(Schema):
    """What it cost before the recipient swapped."""

    original_amount_product = amount(allow_none=True)
    original_amount_shipping = amount(allow_none=True)
    original_amount_credit_applied = amount(allow_none=True)
    original_amount_pre_tax_total = amount(allow_none=True)


class ShipmentSchema(Schema):
    """A parcel."""

    id = fields.String()
    status = fields.String()
    brand_name = fields.String()
    tracking_carrier = fields.String(allow_none=True)
    tracking_number = fields.String(allow_none=True)
    tracking_url = fields.String(allow_none=True)
    shipped_at = fields.String(allow_none=True)
    delivered_at = fields.String(allow_none=True)
    delivery_eta = fields.String(allow_none=True)


class SettlementSchema(Schema):
    """Stored value: what the partner captured for this order, and what it came to."""

    captured = amount(allow_none=True)
    final = amount(allow_none=True)
    release = amount(allow_none=True)
    shortfall = amount(allow_none=True)


class OrderChangeSchema(Schema):
    """A change that was asked for; `pending` while its outcome is not known, which the service finds out by itself."""

    status = fields.String(validate=validate.OneOf(sorted(set(SHOWN.values()))))
    requested_at = fields.String(metadata={"format": "date-time"})


class ExpirationChangeSchema(OrderChangeSchema):
    """A change of the expiry that was asked for."""

    expires_at = fields.String(metadata={"format": "date-time"})


class NewExpirationSchema(Strict):
    """When the gift is to expire."""

    expires_at = Moment(required=True, metadata={"description": "in the future; whole seconds count"})


class StepSourceSchema(Schema):
    """How a step was learnt."""

    kind = fields.String(validate=validate.OneOf([kind.value for kind in SourceKind]))
    svix_id = fields.String(metadata={"description": "of the webhook; secret key only"})
    activity_id = fields.String(metadata={"description": "of the order activity; secret key only"})


class StepSchema(Schema):
    """A step in an order's life."""

    step = fields.String(
        validate=validate.OneOf([*(status.value for status in Status), *(step.value for step in Step)])
    )
    status = fields.String(metadata={"description": "where the order stood after it"})
    is_told = fields.Boolean(metadata={"description": "false: implied by what was told later"})
    is_late = fields.Boolean(metadata={"description": "told after the order had moved on; it moved nothing"})
    happened_at = fields.DateTime(allow_none=True, metadata={"description": "where the supplier says"})
    recorded_at = fields.DateTime()
    source = fields.Nested(StepSourceSchema)
    details = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True))


class TimelineSchema(Schema):
    """An order's steps, in the order in which they were learnt."""

    data = fields.List(fields.Nested(StepSchema))


class OrderSchema(Schema):
    """One recipient's order."""

    id = fields.String()
    order_batch_id = fields.String()
    customer_id = fields.String(allow_none=True)
    payment_mode = fields.String()
    status = fields.String(validate=validate.OneOf([status.value for status in Status]))
    reference_id = fields.String()
    recipient_first_name = fields.String()
    recipient_last_name = fields.String(allow_none=True)
    recipient_email = fields.String(allow_none=True)
    individual_gift_link = fields.String()
    payment_link = fields.String(allow_none=True, metadata={"description": "only while it can be paid"})
    payment_link_status = fields.String(
        allow_none=True,
        validate=validate.OneOf([status.value for status in LinkStatus]),
        metadata={"description": "how far the link has got; `delivered`: to the partner. hosted_payment only"},
    )
    is_swapped = fields.Boolean()
    cart = fields.Nested(CartSchema)
    original_cart = fields.Nested(CartSchema, allow_none=True)
    currency = fields.String()
    amounts = fields.Nested(AmountsSchema)
    original_amounts = fields.Nested(OriginalAmountsSchema, allow_none=True)
    settlement = fields.Nested(SettlementSchema, allow_none=True, metadata={"description": "stored_value only"})
    shipments = fields.List(fields.Nested(ShipmentSchema))
    thank_you_note = fields.String(allow_none=True)
    expires_at = fields.DateTime(allow_none=True)
    refunded_at = fields.DateTime(allow_none=True)
    refund_amount = amount(allow_none=True)
    cancellation = fields.Nested(OrderChangeSchema, allow_none=True)
    expiration_change = fields.Nested(ExpirationChangeSchema, allow_none=True)
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class LineSchema(Schema):
    """What was sold, frozen at checkout."""

    product_id = fields.String()
    name = fields.String()
    brand_id = fields.String()
    brand_name = fields.String()
    price = amount()
    quantity = fields.Integer()
    variants = fields.List(fields.String())
    is_price_chosen = fields.Boolean()


class OrderBatchSchema(Schema):
    """What one checkout ordered, with its first ten orders."""

    id = fields.String()
    checkout_id = fields.String()
    customer_id = fields.String(allow_none=True)
    payment_mode = fields.String()
    submission_status = fields.String(validate=validate.OneOf([state.value for state in Submission]))
    send_status = fields.String(allow_none=True)
    recipients_count = fields.Integer()
    lines = fields.List(fields.Nested(LineSchema))
    quote = fields.Nested(QuoteSchema)
    payment_reference = fields.String(allow_none=True, metadata={"description": "secret key only"})
    payment_amount = amount(allow_none=True)
    warnings = fields.List(fields.String(), metadata={"description": "secret key only"})
    stuck_reason = fields.String(
        allow_none=True, metadata={"description": "why it does not get on by itself; secret key only"}
    )
    orders = fields.List(fields.Nested(OrderSchema))
    created_at = fields.DateTime()
    submitted_at = fields.DateTime(allow_none=True)
    completed_at = fields.DateTime(allow_none=True)


class OrdersQuery(PageQuery):
    """Which orders."""

    status = fields.Enum(Status, by_value=True, load_default=None)
    customer = text(255, load_default=None)
    batch = text(40, load_default=None)


OrderPageSchema = page_of(OrderSchema)

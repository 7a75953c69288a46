"""Checkouts: what they are made of, and what is shown of them."""

from typing import Final

from marshmallow import Schema, fields, validate

from payments.modes import PaymentMode
from storefront.api.schemas.common import (
    FaultSchema,
    Moment,
    ProblemSchema,
    Strict,
    Texts,
    amount,
    cents,
    goody_id,
    text,
)

MOST_ITEMS: Final = 50
MOST_RECIPIENTS: Final = 500
MOST_METADATA: Final = 50
TWO_CAPITALS: Final = validate.Regexp(r"^[A-Z]{2}(?!\n)$", error="Use two capital letters.")
E164_US: Final = validate.Regexp(r"^\+1[2-9]\d{9}(?!\n)$", error="Use E.164, US numbers only: +15552347890.")
"""Patterns are read the same way by Python and by JavaScript, since OpenAPI shows them to both."""
SEND_METHODS: Final = ("link_multiple_custom_list", "email_and_link", "direct_send")


class ItemSchema(Strict):
    """A product to send."""

    product_id = goody_id(required=True)
    quantity = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 1000))
    variants = fields.List(text(200), load_default=list, validate=validate.Length(max=50))
    variable_price = cents(load_default=None, allow_none=True)


class MailingAddressSchema(Strict):
    """Where a direct send goes."""

    first_name = text(100, load_default=None, allow_none=True)
    last_name = text(100, load_default=None, allow_none=True)
    address_1 = text(200, required=True)
    address_2 = text(200, shortest=0, load_default=None, allow_none=True)
    city = text(100, required=True)
    state = fields.String(required=True, validate=TWO_CAPITALS)
    postal_code = text(20, required=True)
    country = fields.String(load_default="US", validate=TWO_CAPITALS)


class RecipientSchema(Strict):
    """Who receives the gift."""

    first_name = text(100, required=True)
    last_name = text(100, load_default=None, allow_none=True)
    email = fields.Email(load_default=None, allow_none=True, validate=validate.Length(max=254))
    phone = fields.String(load_default=None, allow_none=True, validate=E164_US)
    mailing_address = fields.Nested(MailingAddressSchema, load_default=None, allow_none=True)


class CheckoutChangeSchema(Strict):
    """What may be changed. Fields left out stay as they are."""

    from_name = text(100)
    send_method = fields.String(validate=validate.OneOf(SEND_METHODS))
    items = fields.List(fields.Nested(ItemSchema), validate=validate.Length(max=MOST_ITEMS))
    recipients = fields.List(fields.Nested(RecipientSchema), validate=validate.Length(max=MOST_RECIPIENTS))
    message = text(2000, allow_none=True)
    card_id = goody_id(allow_none=True)
    swap = fields.String(validate=validate.OneOf(["single", "multiple", "disabled"]), allow_none=True)
    international_shipping_tier = fields.String(
        validate=validate.OneOf(["disabled", "standard", "full"]), allow_none=True
    )
    international_gift_cards_enabled = fields.Boolean(truthy={True}, falsy={False}, allow_none=True)
    notifications_enabled = fields.Boolean(truthy={True}, falsy={False}, allow_none=True)
    expires_at = Moment(allow_none=True)
    scheduled_send_on = Moment(allow_none=True)
    payment_mode = fields.String(validate=validate.OneOf([mode.value for mode in PaymentMode]))
    metadata = Texts(longest_key=40, longest_value=500, validate=validate.Length(max=MOST_METADATA))


class NewCheckoutSchema(CheckoutChangeSchema):
    """A new checkout."""

    from_name = text(100, required=True)
    send_method = fields.String(load_default="link_multiple_custom_list", validate=validate.OneOf(SEND_METHODS))
    items = fields.List(fields.Nested(ItemSchema), required=True, validate=validate.Length(max=MOST_ITEMS))
    recipients = fields.List(
        fields.Nested(RecipientSchema), required=True, validate=validate.Length(max=MOST_RECIPIENTS)
    )
    customer_id = text(255, load_default=None, allow_none=True, metadata={"description": "secret key only"})


class CompleteSchema(Strict):
    """What the caller agrees to."""

    payment_mode = fields.String(required=True, validate=validate.OneOf([mode.value for mode in PaymentMode]))
    quote_id = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 40))
    accept_total_high = cents(load_default=None, allow_none=True)
    payment_reference = text(
        255, load_default=None, allow_none=True, metadata={"description": "stored_value: your own capture's id"}
    )
    payment_amount = cents(load_default=None, allow_none=True)
    payment_method_id = text(64, load_default=None, allow_none=True, metadata={"description": "card: the saved card"})


class PerRecipientSchema(Schema):
    """What one recipient's gift costs."""

    product = amount()
    shipping = amount()
    processing_fee = amount()
    pre_tax = amount()
    tax_low = amount()
    tax_high = amount()
    total_low = amount()
    total_high = amount()


class QuoteTotalSchema(Schema):
    """What all recipients cost together; `tax` and `total` where Goody can calculate them."""

    recipients = fields.Integer()
    tax = amount(allow_none=True)
    total = amount(allow_none=True)
    total_low = amount()
    total_high = amount()


class QuoteSchema(Schema):
    """What it costs, until `expires_at`."""

    id = fields.String()
    currency = fields.String()
    is_exact = fields.Boolean()
    per_recipient = fields.Nested(PerRecipientSchema)
    total = fields.Nested(QuoteTotalSchema)
    expires_at = fields.String(metadata={"format": "date-time"})


class QuoteChangedSchema(ProblemSchema):
    """A conflict; with `code` `quote_changed` it holds the quote to agree to instead."""

    quote = fields.Nested(QuoteSchema, allow_none=True)


class CheckoutSchema(Schema):
    """A checkout."""

    id = fields.String()
    version = fields.Integer(metadata={"description": "send it as If-Match to change only what you saw"})
    status = fields.String(validate=validate.OneOf(["open", "ready", "completing", "completed", "failed", "expired"]))
    problems = fields.List(fields.Nested(FaultSchema))
    quote = fields.Nested(QuoteSchema, allow_none=True)
    order_batch_id = fields.String(allow_none=True)
    customer_id = fields.String(allow_none=True)
    from_name = fields.String()
    send_method = fields.String()
    items = fields.List(fields.Nested(ItemSchema))
    recipients = fields.List(fields.Nested(RecipientSchema))
    message = fields.String(allow_none=True)
    card_id = fields.String(allow_none=True)
    swap = fields.String(allow_none=True)
    international_shipping_tier = fields.String(allow_none=True)
    international_gift_cards_enabled = fields.Boolean(allow_none=True)
    notifications_enabled = fields.Boolean(allow_none=True)
    expires_at = fields.String(allow_none=True, metadata={"description": "when the gift expires"})
    scheduled_send_on = fields.String(allow_none=True)
    payment_mode = fields.String()
    metadata = fields.Dict(keys=fields.String(), values=fields.String())
    created_at = fields.DateTime()
    updated_at = fields.DateTime()
    checkout_expires_at = fields.DateTime()


class CreatedCheckoutSchema(CheckoutSchema):
    """A checkout, with the secret that is shown this once."""

    client_secret = fields.String()

"""Saved cards."""

from marshmallow import Schema, fields

from storefront.api.schemas.checkouts import TWO_CAPITALS
from storefront.api.schemas.common import Strict, text


class BillingAddressSchema(Strict):
    """Where the card's statements go."""

    address_1 = text(200, required=True)
    address_2 = text(200, load_default=None, allow_none=True)
    city = text(100, required=True)
    state = text(100, required=True)
    postal_code = text(20, required=True)
    country = fields.String(required=True, validate=TWO_CAPITALS)


class CustomerQuery(Strict):
    """Whose cards."""

    customer_id = text(255, load_default=None, metadata={"description": "secret key only; it has to say"})


class NewPaymentMethodSchema(Strict):
    """A card to save. Its number never comes here: the supplier's card form gives a key that stands for it."""

    interim_card_key = text(500, required=True)
    cardholder_name = text(200, required=True)
    billing_address = fields.Nested(BillingAddressSchema, required=True)
    customer_id = text(255, load_default=None, allow_none=True, metadata={"description": "secret key only"})


class PaymentMethodSchema(Schema):
    """A saved card. How it looks is what the supplier tells, or null."""

    id = fields.String(metadata={"description": "send it as payment_method_id to complete a checkout in card mode"})
    customer_id = fields.String()
    brand = fields.String(allow_none=True)
    last_4 = fields.String(allow_none=True)
    exp_month = fields.Integer(allow_none=True)
    exp_year = fields.Integer(allow_none=True)
    created_at = fields.DateTime()


class PaymentMethodsSchema(Schema):
    """A customer's saved cards, newest first."""

    data = fields.List(fields.Nested(PaymentMethodSchema))

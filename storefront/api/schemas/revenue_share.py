"""Revenue share: terms and reports."""

from typing import Any

from marshmallow import Schema, fields, validate

from payments.revenue_share.reports import AGED, GroupBy
from payments.revenue_share.terms import WHOLE, Base, RefundRule, Rounding
from payments.revenue_share.terms_book import LONGEST_REASON
from storefront.api.schemas.common import Moment, Strict, amount, cents, goody_id, text


def basis_points(**options: Any) -> fields.Integer:  # noqa: ANN401  passed through to marshmallow
    """A whole number of hundredths of a percent."""
    metadata = {"description": "basis points: 1250 is 12.5 %"}
    return fields.Integer(strict=True, metadata=metadata, validate=validate.Range(0, WHOLE), **options)


class TierSchema(Strict):
    """A rate for what of a month's volume lies above so many cents; what lies below keeps its rate."""

    above = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, 2**53), metadata={"description": "US cents"}
    )
    rate_bps = basis_points(required=True)


class BrandRates(fields.Dict):
    """Basis points by brand id."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  passed through
        super().__init__(keys=goody_id(), values=basis_points(), **options)


class NewTermsSchema(Strict):
    """Terms that are to hold from a moment on."""

    rate_bps = basis_points(required=True)
    tiers = fields.List(fields.Nested(TierSchema), load_default=list, validate=validate.Length(max=20))
    base = fields.String(load_default=Base.PRODUCTS.value, validate=validate.OneOf([*Base]))
    brand_rates = BrandRates(load_default=dict)
    excluded_brand_ids = fields.List(goody_id(), load_default=list, validate=validate.Length(max=1000))
    minimum_order = cents(load_default=0)
    rounding = fields.String(load_default=Rounding.HALF_EVEN.value, validate=validate.OneOf([*Rounding]))
    refund_rule = fields.String(load_default=RefundRule.FULL.value, validate=validate.OneOf([*RefundRule]))
    holds_from = Moment(load_default=None, allow_none=True, metadata={"description": "by default from now on"})
    reason = text(LONGEST_REASON, required=True)


class TermsSchema(Schema):
    """Terms as they were entered; they are never changed."""

    id = fields.Integer()
    holds_from = fields.AwareDateTime()
    rate_bps = fields.Integer()
    tiers = fields.List(fields.Dict())
    base = fields.String()
    brand_rates = fields.Dict()
    excluded_brand_ids = fields.List(fields.String())
    minimum_order = amount()
    rounding = fields.String()
    refund_rule = fields.String()
    entered_at = fields.AwareDateTime()
    entered_by = fields.String()
    reason = fields.String()


class TermsHistorySchema(Schema):
    """All terms of the app, by when they hold, and those in force now."""

    current = fields.Nested(TermsSchema, allow_none=True)
    data = fields.List(fields.Nested(TermsSchema))


class ReportQuery(Strict):
    """Days of UTC, both included."""

    first_day = fields.Date(required=True, data_key="from")
    last_day = fields.Date(required=True, data_key="to")
    group_by = fields.String(load_default=GroupBy.BRAND.value, validate=validate.OneOf([*GroupBy]))


class AgedSchema(Schema):
    """What is outstanding, by how many days ago it was earned."""

    to_30_days, to_60_days, to_90_days, older = (amount() for _ in AGED)


class ReportRowSchema(Schema):
    """One group. `outstanding` is as of the end of the last day."""

    key = fields.String(allow_none=True, metadata={"description": "null for what belongs to no group, such as tiers"})
    name = fields.String(allow_none=True, metadata={"description": "what the brand or product is called"})
    orders = fields.Integer()
    base = amount()
    earned = amount()
    awaiting_payment = amount()
    refunded = amount()
    received = amount()
    adjusted = amount()
    outstanding = amount()
    outstanding_unpaid = amount()
    aged = fields.Nested(AgedSchema)


class OpenSharesSchema(Schema):
    """Orders whose share is in no entry yet, and what it may come to."""

    orders = fields.Integer()
    low = amount()
    high = amount()


class ReportSchema(Schema):
    """opening + earned + awaiting_payment - refunded - received + adjusted = outstanding."""

    currency = fields.String()
    first_day = fields.String(data_key="from", attribute="from")
    last_day = fields.String(data_key="to", attribute="to")
    group_by = fields.String()
    opening = amount()
    rows = fields.List(fields.Nested(ReportRowSchema))
    totals = fields.Nested(ReportRowSchema)
    expected = fields.Nested(OpenSharesSchema, metadata={"description": "gifts that may still be accepted, as of now"})
    pending = fields.Nested(OpenSharesSchema, metadata={"description": "accepted, share not known yet, as of now"})

"""The ledger and its months."""

from typing import Any

from marshmallow import Schema, fields, validate

from payments.ledger.accounts import Account
from payments.ledger.adjusting import Adjustment
from payments.ledger.entries import Kind
from storefront.api.schemas.catalog import page_of
from storefront.api.schemas.common import Moment, PageQuery, Strict, amount, goody_id, text

LARGEST: int = 100_000_000_000
"""US cents; what one entry may move."""


def signed_cents(**options: Any) -> fields.Integer:  # noqa: ANN401  passed through to marshmallow
    """A whole number of US cents that may be negative; 10.0, "10" and true are refused."""
    metadata = {"description": "US cents; a debit is positive"}
    return fields.Integer(strict=True, metadata=metadata, validate=validate.Range(-LARGEST, LARGEST), **options)


class BalancesQuery(Strict):
    """As of when."""

    at = Moment(load_default=None, metadata={"description": "what counts up to this moment; by default everything"})


class BalanceSchema(Schema):
    """One account."""

    account = fields.String()
    title = fields.String()
    amount = amount()


class BalancesSchema(Schema):
    """Every account of the app's ledger. They sum up to nothing."""

    currency = fields.String()
    at = fields.AwareDateTime(allow_none=True)
    balances = fields.List(fields.Nested(BalanceSchema))


class EntriesQuery(PageQuery):
    """Which entries, in the order in which they were posted."""

    order = goody_id(load_default=None)
    kind = fields.String(load_default=None, validate=validate.OneOf([*Kind]))
    account = fields.String(load_default=None, validate=validate.OneOf([*Account]))


class PostingSchema(Schema):
    """One side of an entry."""

    account = fields.String()
    amount = amount()
    brand_id = fields.String(allow_none=True)
    product_id = fields.String(allow_none=True)
    base = fields.Integer(allow_none=True, metadata={"description": "what a share was computed on; US cents"})


class EntrySchema(Schema):
    """An entry of the journal. It is never changed: `reverses` names the one that it takes back."""

    number = fields.Integer()
    kind = fields.String()
    source = fields.String(metadata={"description": "unique in the app"})
    order_id = fields.String(allow_none=True)
    payment_mode = fields.String(allow_none=True)
    occurred_at = fields.AwareDateTime()
    booked_at = fields.AwareDateTime(metadata={"description": "where it counts: in the first month that was open"})
    posted_at = fields.AwareDateTime()
    origin = fields.String(metadata={"description": "how it was learnt: webhook, activity, refetch, import, person, …"})
    posted_by = fields.String()
    reason = fields.String()
    reference = fields.String(allow_none=True, metadata={"description": "a webhook's svix-id, a statement's row, …"})
    reverses = fields.Integer(allow_none=True)
    details = fields.Dict()
    currency = fields.String()
    postings = fields.List(fields.Nested(PostingSchema))


EntryPageSchema = page_of(EntrySchema)


class NewPostingSchema(Strict):
    """One side of a correction."""

    account = fields.String(required=True, validate=validate.OneOf([*Account]))
    amount = signed_cents(required=True)


class NewAdjustmentSchema(Strict):
    """A deposit or withdrawal (`amount`), a correction (`postings`), or the taking back of an `entry`."""

    kind = fields.String(required=True, validate=validate.OneOf([*Adjustment]))
    reason = text(500, required=True)
    amount = signed_cents(load_default=None, allow_none=True)
    postings = fields.List(fields.Nested(NewPostingSchema), load_default=list, validate=validate.Length(max=20))
    entry = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, 2**53),
        metadata={"description": "its number"},
    )
    order_id = goody_id(load_default=None, allow_none=True)
    occurred_at = Moment(load_default=None, allow_none=True)
    reference = text(255, load_default=None, allow_none=True)


class ClosingSchema(Schema):
    """A month that was closed or reopened. A closing keeps its report."""

    period = fields.String(metadata={"description": "2026-11"})
    action = fields.String(metadata={"description": "closed or reopened"})
    done_at = fields.AwareDateTime()
    done_by = fields.String()
    reason = fields.String(allow_none=True)
    report = fields.Dict(allow_none=True)


class ClosingsSchema(Schema):
    """Every closing and reopening, in order."""

    data = fields.List(fields.Nested(ClosingSchema))

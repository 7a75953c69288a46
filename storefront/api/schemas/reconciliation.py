"""Reconciliations, and what does not agree."""

from datetime import UTC, date, datetime, time
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from payments.reconciliation.kinds import Status, Type
from storefront.api.schemas.catalog import page_of
from storefront.api.schemas.common import PageQuery, Strict, text


class DayOrMoment(fields.String):
    """A UTC day, which stands for its beginning, or a moment with an offset."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  any JSON
        written: str = super()._deserialize(value, *args, **kwargs)
        try:
            return _read(written)
        except (ValueError, OverflowError) as error:
            raise ValidationError("Must be a day or a moment, such as 2026-11-01 or 2026-11-01T12:00:00Z.") from error


def _read(written: str) -> datetime:
    if len(written) == len("2026-11-01"):
        return datetime.combine(date.fromisoformat(written), time(), UTC)
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError("It has no offset.")
    return moment.astimezone(UTC)


class NewReconciliationSchema(Strict):
    """The period."""

    from_ = DayOrMoment(required=True, data_key="from", metadata={"description": "a UTC day or a moment, included"})
    to = DayOrMoment(required=True, metadata={"description": "a UTC day or a moment, excluded"})


class ReconciliationSchema(Schema):
    """A run over a period."""

    id = fields.String()
    status = fields.String(metadata={"description": "running, finished or failed"})
    error = fields.String(allow_none=True)
    from_ = fields.DateTime(attribute="from", data_key="from")
    to = fields.DateTime()
    started_at = fields.DateTime()
    finished_at = fields.DateTime(allow_none=True)
    started_by = fields.String()
    lines = fields.Integer(metadata={"description": "of statements, the time before the period included"})
    orders = fields.Integer()
    lines_waiting = fields.Integer(metadata={"description": "of orders of which it is not known yet what they earned"})
    matches = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "by rule"})
    matches_new = fields.Integer()
    matches_undone = fields.Integer()
    refunds_learnt = fields.Integer()
    findings = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "by type"})
    discrepancies_opened = fields.Integer()
    discrepancies_resolved = fields.Integer()


class DiscrepancySchema(Schema):
    """Something that does not agree."""

    id = fields.String()
    type = fields.String(validate=validate.OneOf([*Type]))
    status = fields.String(validate=validate.OneOf([*Status]))
    currency = fields.String()
    amount = fields.Integer(metadata={"description": "US cents: above 0, more came than was expected"})
    expected = fields.Integer(allow_none=True, metadata={"description": "US cents"})
    found = fields.Integer(allow_none=True, metadata={"description": "US cents"})
    order_id = fields.String(allow_none=True)
    explanation = fields.String()
    evidence = fields.Dict(metadata={"description": "the order, who told of it, its share, the statement's line"})
    notes = fields.List(fields.Dict())
    ledger_entries = fields.List(fields.Integer(), metadata={"description": "what its settlement posted"})
    age_days = fields.Integer()
    occurred_at = fields.DateTime()
    opened_at = fields.DateTime()
    updated_at = fields.DateTime()
    resolved_at = fields.DateTime(allow_none=True)


class DiscrepanciesQuery(PageQuery):
    """Which discrepancies."""

    status = fields.String(load_default=None, validate=validate.OneOf([*Status]))
    type = fields.String(load_default=None, validate=validate.OneOf([*Type]))
    order_id = fields.String(load_default=None, validate=validate.Length(1, 64))


class ResolutionSchema(Strict):
    """What becomes of a discrepancy."""

    status = fields.String(load_default=Status.RESOLVED.value, validate=validate.OneOf([*Status]))
    note = text(2000, required=True)


DiscrepancyPageSchema = page_of(DiscrepancySchema)

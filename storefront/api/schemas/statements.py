"""Statements of what really moved."""

from marshmallow import Schema, fields, validate

from payments.statements.kinds import Account
from payments.statements.mappings import SOURCES
from storefront.api.schemas.common import Strict, amount


class StatementQuery(Strict):
    """How to read the file."""

    dry_run = fields.Boolean(load_default=False, metadata={"description": "say what would come of it, only"})
    source = fields.String(
        load_default=None,
        validate=validate.OneOf([*SOURCES]),
        metadata={"description": "where it comes from; told by its columns if left out"},
    )
    column = fields.List(
        fields.String(validate=validate.Length(3, 200)),
        load_default=[],
        metadata={"description": "field=title of a column that is named otherwise; with source"},
    )


class StatementFormSchema(Schema):
    """How the file was found to be written."""

    encoding = fields.String()
    separator = fields.String()
    decimal_mark = fields.String(allow_none=True)
    is_day_first = fields.Boolean(metadata={"description": "whether 03/04/2026 was read as a day in April"})
    header_line = fields.Integer()


class BadLineSchema(Schema):
    """A line that could not be used."""

    line = fields.Integer(metadata={"description": "where it begins; the first line of the file is 1"})
    column = fields.String(allow_none=True)
    code = fields.String()
    detail = fields.String()


class StatementSchema(Schema):
    """A statement that was imported."""

    id = fields.String(allow_none=True, metadata={"description": "null for a dry run"})
    source = fields.String()
    account = fields.String(validate=validate.OneOf([*Account]))
    status = fields.String(metadata={"description": "importing, imported or dry_run"})
    form = fields.Nested(StatementFormSchema)
    period_start = fields.DateTime(allow_none=True)
    period_end = fields.DateTime(allow_none=True)
    currency = fields.String()
    opening_balance = amount(allow_none=True)
    closing_balance = amount(allow_none=True)
    sum_of_rows = amount()
    is_whole = fields.Boolean(metadata={"description": "whether it proves to have every line of its period"})
    rows = fields.Integer(metadata={"description": "lines that move money"})
    rows_new = fields.Integer()
    rows_known = fields.Integer(metadata={"description": "that another statement had shown before"})
    rows_revised = fields.Integer(metadata={"description": "earlier lines that this file tells otherwise"})
    rows_withdrawn = fields.Integer(metadata={"description": "earlier lines that this file proves never to have been"})
    rows_bad = fields.Integer()
    rows_by_kind = fields.Dict(keys=fields.String(), values=fields.Integer())
    problems = fields.List(fields.Nested(BadLineSchema), metadata={"description": "the first bad lines"})
    imported_at = fields.DateTime()
    imported_by = fields.String()


class ImportedStatementSchema(StatementSchema):
    """What an import came to."""

    is_new = fields.Boolean(metadata={"description": "false if the same file had been imported before"})
    is_dry_run = fields.Boolean()

"""Pieces that several resources share."""

from typing import Any, Final

from marshmallow import RAISE, Schema, fields, validate

LARGEST_AMOUNT: Final = 100_000_000
"""US cents; a million dollars is no gift."""


class Strict(Schema):
    """A request: an unknown field is an error, so that a misspelt one is noticed."""

    class Meta:
        """marshmallow's place for this."""

        unknown = RAISE


def cents(**options: Any) -> fields.Integer:  # noqa: ANN401  passed through to marshmallow
    """A whole number of US cents; 10.5, "10" and true are refused."""
    metadata = {"description": "US cents"}
    return fields.Integer(strict=True, metadata=metadata, validate=validate.Range(0, LARGEST_AMOUNT), **options)


def query_cents() -> fields.Integer:
    """The same in a query string, where every value arrives as text."""
    metadata = {"description": "US cents"}
    return fields.Integer(load_default=None, metadata=metadata, validate=validate.Range(0, LARGEST_AMOUNT))


def goody_id(**options: Any) -> fields.String:  # noqa: ANN401  passed through to marshmallow
    """An id of Goody's: a UUID in lower case, kept as text."""
    shape = validate.Regexp(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", error="Must be a UUID in lower case.")
    return fields.String(validate=shape, metadata={"format": "uuid"}, **options)


def text(longest: int, *, shortest: int = 1, **options: Any) -> fields.String:  # noqa: ANN401  passed through
    """A text of this many characters at most, not all blank."""
    checks = [validate.Length(shortest, longest), validate.Regexp(r"(?s).*\S", error="Must not be blank.")]
    return fields.String(validate=checks, **options)


class PageQuery(Strict):
    """Paging of every list."""

    limit = fields.Integer(load_default=24, validate=validate.Range(1, 100))
    cursor = fields.String(load_default=None, validate=validate.Length(1, 1000))


class IncludeTotalQuery(PageQuery):
    """Paging, with the number of all items on request."""

    include = fields.String(load_default=None, validate=validate.OneOf(["total"]))


class FaultSchema(Schema):
    """One thing wrong with an input."""

    pointer = fields.String(metadata={"description": "RFC 6901 pointer into the request"})
    code = fields.String()
    detail = fields.String()


class ProblemSchema(Schema):
    """A problem document (RFC 9457)."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    instance = fields.String()
    code = fields.String(metadata={"description": "stable, snake_case"})
    request_id = fields.String()
    errors = fields.List(fields.Nested(FaultSchema))

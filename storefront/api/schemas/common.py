"""Pieces that several resources share."""

import re
from datetime import UTC, datetime
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate

LARGEST_AMOUNT: Final = 100_000_000
"""US cents; a million dollars is no gift."""

UNSTORABLE: Final = re.compile(r"[\x00\ud800-\udfff]")


class Strict(Schema):
    """A request: an unknown field is an error, so that a misspelt one is noticed."""

    class Meta:
        """marshmallow's place for this."""

        unknown = RAISE


def amount(*, allow_none: bool = False) -> fields.Integer:
    """US cents in an answer: what all recipients cost together has no bound."""
    return fields.Integer(allow_none=allow_none, metadata={"description": "US cents"})


def cents(**options: Any) -> fields.Integer:  # noqa: ANN401  passed through to marshmallow
    """A whole number of US cents in a request; 10.5, "10" and true are refused."""
    metadata = {"description": "US cents"}
    return fields.Integer(strict=True, metadata=metadata, validate=validate.Range(0, LARGEST_AMOUNT), **options)


def query_cents() -> fields.Integer:
    """The same in a query string, where every value arrives as text."""
    metadata = {"description": "US cents"}
    return fields.Integer(load_default=None, metadata=metadata, validate=validate.Range(0, LARGEST_AMOUNT))


def goody_id(**options: Any) -> fields.String:  # noqa: ANN401  passed through to marshmallow
    """An id of Goody's: a UUID in lower case, kept as text."""
    shape = validate.Regexp(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?!\n)$", error="Must be a UUID in lower case.")
    return fields.String(validate=shape, metadata={"format": "uuid"}, **options)


def text(longest: int, *, shortest: int = 1, **options: Any) -> fields.String:  # noqa: ANN401  passed through
    """A text of this many characters at most, not all blank."""
    return fields.String(validate=[validate.Length(shortest, longest), storable, _not_blank], **options)


def storable(value: str) -> None:
    """Refuse what JSON can say but neither a database nor UTF-8 can: NUL and lone surrogates."""
    if UNSTORABLE.search(value):
        raise ValidationError("Must not hold NUL or half a surrogate pair.")


def _not_blank(value: str) -> None:
    if value.isspace():
        raise ValidationError("Must not be blank.")


class Texts(fields.Dict):
    """Texts by name. A fault points at the member, where marshmallow would add `/key` or `/value`."""

    def __init__(self, *, longest_key: int, longest_value: int, **options: Any) -> None:  # noqa: ANN401  passed through
        values = fields.String(validate=[validate.Length(max=longest_value), storable])
        super().__init__(keys=text(longest_key), values=values, **options)

    def deserialize(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  passed through to marshmallow
        """The texts; a ValidationError names each member at fault."""
        try:
            return super().deserialize(*args, **kwargs)
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            raise ValidationError(
                {name: [said for part in parts.values() for said in part] for name, parts in error.messages.items()}
            ) from error


class Moment(fields.AwareDateTime):
    """A moment with an offset, moved to UTC."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> datetime:  # noqa: ANN401  passed through to marshmallow
        try:
            return super()._deserialize(*args, **kwargs).astimezone(UTC)
        except OverflowError as error:
            # The last hours of the year 9999 in the far west lie beyond any calendar.
            raise self.make_error("invalid", input=args[0], obj_type=self.OBJ_TYPE) from error


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

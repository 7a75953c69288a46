"""Cursors: where in a list a reader is, as an opaque text that fits in a URL.

A cursor names the generation it walks, the last row it saw, and the question it belongs to. It is not signed: all
that can be made of a forged one is another place in the same app's public catalog.
"""

import base64
from hashlib import blake2b
from typing import Annotated, Final, TypeAlias, TypeVar

import msgspec

from foundation.errors import ConflictError, Fault, InvalidInputError

_LONGEST: Final = 3000

# Text that either database takes as it is.
_Text = Annotated[str, msgspec.Meta(max_length=400, pattern=r"^[^\x00]*$")]
# A position of any kind: the question comes first. Text, so that what is no cursor at all is told from another's.
_Fingerprint = Annotated[str, msgspec.Meta(min_length=18, max_length=18, pattern="^[0-9a-f]*$")]
_Any = tuple[_Fingerprint, int, int | str, int | str]


class CursorExpiredError(ConflictError):
    """The generation that the cursor walks was superseded too long ago: begin again without a cursor."""

    code = "cursor_expired"


_Generation = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class RowPosition(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The last row a reader saw of a table: what the list is sorted on, and the id that settles ties."""

    question: _Text
    generation: _Generation
    key: _Text
    id: _Text


class PlacePosition(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where in an order of products a reader goes on, and how many products came before."""

    question: _Text
    generation: _Generation
    position: _Count
    given: _Count


class ChangePosition(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The last change a mirror read: its generation and product; and which generation the mirror began in."""

    question: _Text
    generation: _Count
    id: _Text
    began: _Count


AnyPosition: TypeAlias = RowPosition | PlacePosition | ChangePosition
P = TypeVar("P", bound=AnyPosition)


def fingerprint(*question: object) -> str:
    """A short text that is the same for the same question, and in practice for no other."""
    return blake2b(msgspec.json.encode(question), digest_size=9).hexdigest()


def write_cursor(position: AnyPosition) -> str:
    """The position as a cursor: letters, digits, `-` and `_`."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).rstrip(b"=").decode()


def read_cursor(cursor: str, question: str, kind: type[P]) -> P:
    """The position in a cursor. InvalidInputError if it is none of ours, or belongs to another question."""
    if len(cursor) > _LONGEST:
        raise bad_cursor()
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        content = base64.b64decode(padded, b"-_", validate=True)
        asked = msgspec.json.decode(content, type=_Any)[0]
    except (ValueError, IndexError) as error:  # not ASCII, not base64, not JSON: msgspec's errors are among these
        raise bad_cursor() from error
    if asked != question:
        raise InvalidInputError(
            "The cursor belongs to another list.",
            [Fault("/cursor", "cursor_of_another_query", "Send it with the parameters it came from, or leave it out.")],
        )
    try:
        return msgspec.json.decode(content, type=kind)
    except ValueError as error:
        raise bad_cursor() from error


def bad_cursor() -> InvalidInputError:
    """What to raise for a cursor that this service never gave out."""
    return InvalidInputError(
        "The cursor can't be read.",
        [Fault("/cursor", "bad_cursor", "Use a next_cursor as it was given, or leave it out to begin anew.")],
    )

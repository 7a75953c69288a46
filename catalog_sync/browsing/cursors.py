"""Cursors: where in a list a reader is, as an opaque text that fits in a URL.

A cursor names the generation it walks, the last row it saw, and the question it belongs to. It is not signed: all
that can be made of a forged one is another place in the same app's public catalog.
"""

import base64
from hashlib import blake2b
from typing import Annotated, Final

import msgspec

from foundation.errors import ConflictError, Fault, InvalidInputError

_LONGEST: Final = 3000

# Text and numbers that either database takes as they are.
_Text = Annotated[str, msgspec.Meta(max_length=400, pattern=r"^[^\x00]*$")]
_Number = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class CursorExpiredError(ConflictError):
    """The generation that the cursor walks was superseded too long ago: begin again without a cursor."""

    code = "cursor_expired"


class Position(msgspec.Struct, frozen=True, array_like=True):
    """The last row a reader saw: what the list is sorted on, and the id that settles ties."""

    question: _Text
    generation: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
    key: _Text | _Number
    id: _Text


def fingerprint(*question: object) -> str:
    """A short text that is the same for the same question, and in practice for no other."""
    return blake2b(msgspec.json.encode(question), digest_size=9).hexdigest()


def write_cursor(position: Position) -> str:
    """The position as a cursor: letters, digits, `-` and `_`."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).rstrip(b"=").decode()


def read_cursor(cursor: str, question: str, key_type: type[str | int]) -> Position:
    """The position in a cursor. InvalidInputError if it is none of ours, or belongs to another question."""
    if len(cursor) > _LONGEST:
        raise bad_cursor()
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        position = msgspec.json.decode(base64.b64decode(padded, b"-_", validate=True), type=Position)
    except ValueError as error:  # not ASCII, not base64, not JSON, not a position: msgspec's errors are among these
        raise bad_cursor() from error
    if position.question != question:
        raise InvalidInputError(
            "The cursor belongs to another list.",
            [Fault("/cursor", "cursor_of_another_query", "Send it with the parameters it came from, or leave it out.")],
        )
    if not isinstance(position.key, key_type):
        raise bad_cursor()
    return position


def bad_cursor() -> InvalidInputError:
    """What to raise for a cursor that this service never gave out."""
    return InvalidInputError(
        "The cursor can't be read.",
        [Fault("/cursor", "bad_cursor", "Use a next_cursor as it was given, or leave it out to begin anew.")],
    )

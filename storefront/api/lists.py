"""Lists of resources: `{"data": […], "next_cursor": …}` and the `Link` header (RFC 8288)."""

import base64
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlencode

from flask import request

from foundation.errors import Fault, InvalidInputError


class Listed(Protocol):
    """Something that is listed newest first."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def created_at(self) -> datetime:
        """When it was made."""


Row = TypeVar("Row", bound=Listed)

_PLAIN: Final = re.compile(r"[\w.~%+&=:-]*", re.ASCII)


def link_next(cursor: str | None, parameter: str = "cursor") -> dict[str, str]:
    """The header that names the next page of the present request's list; none on the last one."""
    if cursor is None:
        return {}
    sent = request.query_string.decode("latin-1")
    if not is_plain(sent):
        sent = urlencode([*request.args.items(multi=True)])
    return next_link(request.path, sent, cursor, parameter)


def next_link(path: str, query_string: str, cursor: str | None, parameter: str = "cursor") -> dict[str, str]:
    """The same for any plain query string.

    It begins with the path, as Location does: behind a proxy the address that callers use is not known here.
    """
    if cursor is None:
        return {}
    kept = [pair for pair in query_string.split("&") if pair and pair.partition("=")[0] != parameter]
    query = "&".join([*kept, f"{parameter}={cursor}"])
    return {"Link": f'<{path}?{query}>; rel="next"'}


def is_plain(query_string: str) -> bool:
    """Whether it can go into a header as it came: nothing in it would end the header or be read otherwise."""
    return _PLAIN.fullmatch(query_string) is not None


def cut(rows: Sequence[Row], limit: int) -> tuple[Sequence[Row], str | None]:
    """A page of rows read one past the limit, and the cursor to what follows."""
    page = rows[:limit]
    return page, write_position(page[-1].created_at, page[-1].id) if len(rows) > limit else None


def read_position(cursor: str | None) -> tuple[datetime, str] | None:
    """The (created_at, id) that a cursor stands for. InvalidInputError for anything that is no cursor of ours."""
    if cursor is None:
        return None
    try:
        moment, _, row_id = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        created_at = datetime.fromisoformat(moment)
    except ValueError as error:
        raise _bad_cursor() from error
    if created_at.tzinfo is None or not row_id or not row_id.isprintable():
        raise _bad_cursor()
    return created_at, row_id


def write_key(key: str) -> str:
    """The cursor to what follows the thing of this key."""
    return base64.urlsafe_b64encode(f"key {key}".encode()).decode()


def read_key(cursor: str | None) -> str | None:
    """The key that a cursor stands for. InvalidInputError for anything that is no cursor of ours."""
    if cursor is None:
        return None
    try:
        kind, _, key = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
    except ValueError as error:
        raise _bad_cursor() from error
    if kind != "key" or not key.isascii() or not key.isprintable():
        raise _bad_cursor()
    return key


def read_number(cursor: str | None) -> int | None:
    """The number that a cursor stands for. InvalidInputError for anything that is no cursor of ours."""
    key = read_key(cursor)
    if key is not None and not (key.isdecimal() and len(key) < len(str(2**63))):
        raise _bad_cursor()
    return None if key is None else int(key)


def _bad_cursor() -> InvalidInputError:
    fault = Fault("/cursor", "bad_cursor", "Use next_cursor of the previous page, unchanged.")
    return InvalidInputError("The cursor can't be used.", [fault])


def write_position(moment: datetime, row_id: str) -> str:
    """The cursor to what follows the thing of this moment and id."""
    return base64.urlsafe_b64encode(f"{moment.isoformat()} {row_id}".encode()).decode()


def page(data: list[dict[str, Any]], cursor: str | None) -> tuple[dict[str, Any], int, dict[str, str]]:
    """The answer of a list view."""
    return {"data": data, "next_cursor": cursor}, 200, link_next(cursor)

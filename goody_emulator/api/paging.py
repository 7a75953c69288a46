"""Pages of lists, the way Goody counts them: from 1, twenty to a page."""

from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request

from goody_emulator.caller import answer
from goody_emulator.errors import RefusedError
from goody_emulator.state import timestamps

_MOST: Final = 100
_USUAL: Final = 20
_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for."""

    start: int
    size: int

    @property
    def stop(self) -> int:
        """The place after the last one of the page."""
        return self.start + self.size


def asked_page() -> Page:
    """Return the page the request asks for; RefusedError when there can be no such page."""
    number, size = _number("page", 1), _number("per_page", _USUAL)
    if number < 1:
        raise RefusedError("Page must be greater than 0")
    if not 1 <= size <= _MOST:
        raise RefusedError(f"Per page must be between 1 and {_MOST}")
    return Page((number - 1) * size, size)


def asked_period(after: str, before: str) -> tuple[int, int]:
    """Return the first and last moment two parameters let through, both included."""
    return _moment(after, 0, inclusive=False), _moment(before, 1 << 53, inclusive=True)


def listed(data: list[Any], total: int) -> Response:
    """Return one page of a list as Goody frames it."""
    return answer({"data": data, "list_meta": {"total_count": total}})


def _number(name: str, default: int) -> int:
    text = request.args.get(name, "")
    return default if text == "" else int(text[:_DIGITS]) if text.isascii() and text.isdigit() else 0


def _moment(name: str, default: int, *, inclusive: bool) -> int:
    text = request.args.get(name, "")
    if text == "":
        return default
    try:
        return timestamps.parsed_inclusive(text) if inclusive else timestamps.parsed(text)
    except ValueError as error:
        raise RefusedError(f"{name} is not a valid date and time") from error

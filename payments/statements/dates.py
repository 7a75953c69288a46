"""Dates as statements write them, read to moments in UTC."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from functools import lru_cache
from typing import Final

LONGEST: Final = 40
_CENTURY: Final = 2000
_MONTHS_A_YEAR: Final = 12
_NOON: Final = 12

_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_ISO_SLASHED: Final = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})", re.ASCII)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_DOTTED: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})", re.ASCII)
_SLASHED: Final = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})", re.ASCII)
_DAY_NAMED: Final = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4}|\d{2})", re.ASCII)
_NAMED_DAY: Final = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})", re.ASCII)
_TIME: Final = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? ?(AM|PM)? ?(Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}


class DateError(ValueError):
    """It is no date; the text says why, for a person."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When: a moment in UTC; `is_day` where only a day was written, which then stands for its first moment."""

    at: datetime
    is_day: bool = False


def is_day_first(texts: Iterable[str]) -> bool | None:
    """Whether 03/04/2026 of the same hand is in April, told by those that can be read one way only.

    None where none tells, or they disagree.
    """
    told = {found for text in texts if (found := _order_of(text)) is not None}
    return told.pop() if len(told) == 1 else None


def read_moment(text: str, *, day_first: bool = False, zone: tzinfo = UTC) -> Moment:
    """A date, or a moment, as it is written in one of the usual ways. DateError for anything else.

    `day_first` decides on 03/04/2026; with dots the day always comes first. `zone` is that of times without one.
    """
    plain = " ".join(text.split())
    if not plain or len(plain) > LONGEST:
        raise DateError(f"{text[:LONGEST].strip()!r} is no date")
    try:
        for pattern in (_ISO, _ISO_SLASHED, _COMPACT, _DOTTED, _SLASHED, _DAY_NAMED, _NAMED_DAY):
            found = pattern.match(plain)
            if found is not None:
                return _moment(_day(pattern, found.groups(), day_first=day_first), plain[found.end() :], zone)
    except (ValueError, OverflowError) as error:
        raise DateError(f"{plain!r} is no date: {error}") from error
    raise DateError(f"{plain!r} is no date")


def _day(pattern: re.Pattern[str], parts: tuple[str, ...], *, day_first: bool) -> date:
    if pattern in {_ISO, _ISO_SLASHED, _COMPACT}:
        year, month, day = parts
    elif pattern in {_DOTTED, _DAY_NAMED} or (pattern is _SLASHED and day_first):
        day, month, year = parts
    else:
        month, day, year = parts
    century = _CENTURY if len(year) == 2 else 0  # noqa: PLR2004  of two digits
    return date(century + int(year), int(month) if month.isdecimal() else _month(month), int(day))


def _month(name: str) -> int:
    month = _MONTHS.get(name[:3].lower())
    if month is None:
        raise ValueError(f"there is no month {name!r}")
    return month


def _moment(day: date, rest: str, zone: tzinfo) -> Moment:
    rest = rest.removeprefix("T").strip(" ,")
    if not rest:
        return Moment(datetime.combine(day, time(), zone).astimezone(UTC), is_day=True)
    found = _TIME.fullmatch(rest)
    if found is None:
        raise ValueError(f"{rest!r} is no time of day")
    hour, minute, second, fraction, half, offset = found.groups()
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    clock = time(_hour(int(hour), half), int(minute), int(second or 0), micro)
    return Moment(datetime.combine(day, clock, _zone(offset, zone)).astimezone(UTC))


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= _NOON:
        raise ValueError(f"there is no {hour} o'clock {half}")
    return hour % _NOON + (_NOON if half.upper() == "PM" else 0)


@lru_cache(100)
def _zone(offset: str | None, zone: tzinfo) -> tzinfo:
    if offset is None:
        return zone
    if offset.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    return datetime.strptime(offset.replace(":", ""), "%z").tzinfo or UTC


def _order_of(text: str) -> bool | None:
    found = _SLASHED.match(text.strip())
    if found is None:
        return None
    first, second = int(found[1]), int(found[2])
    if first > _MONTHS_A_YEAR:
        return True
    return False if second > _MONTHS_A_YEAR else None

"""Moments: kept as whole milliseconds since the epoch, shown as Goody shows them (UTC, whole seconds)."""

import re
import time
from datetime import UTC, datetime
from typing import Final

_SHOWABLE: Final = range(-62_135_596_800_000, 253_402_300_800_000)
"""The years 1 to 9999."""
_FRACTION: Final = re.compile(r"[T ]\d{2}:\d{2}:\d{2}[.,]\d")


def machine_time() -> int:
    """Return the present moment of the machine's clock in milliseconds."""
    return time.time_ns() // 1_000_000


def shown(moment: int) -> str:
    """Return a moment as an ISO 8601 text of whole seconds."""
    return f"{datetime.fromtimestamp(moment // 1000, UTC).isoformat()[:19]}Z"


def shown_or_none(moment: int | None) -> str | None:
    """Return a moment as text, or None when it has not come."""
    return None if moment is None else shown(moment)


def parsed(text: str) -> int:
    """Return the moment a text names, UTC unless it says otherwise; ValueError if it names none that can be shown."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    elapsed = moment - datetime(1970, 1, 1, tzinfo=UTC)
    milliseconds = (elapsed.days * 86_400 + elapsed.seconds) * 1000 + elapsed.microseconds // 1000
    if milliseconds not in _SHOWABLE:
        raise ValueError(f"{text} is not within the years 1 to 9999 of UTC")
    return milliseconds


def parsed_inclusive(text: str) -> int:
    """Return the last millisecond a text covers, so that "before" takes in all of the second it names."""
    moment = parsed(text)
    return moment if _FRACTION.search(text) else moment + 999

"""Lengths of time as people write them: 90s, 15m, 2h, 1.5d."""

import re
from typing import Final

_WRITTEN: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(s|m|h|d)")
_MILLISECONDS: Final = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
EXPLAINED: Final = "a number and s, m, h or d, such as 90s, 2h or 1.5d"


def milliseconds(text: str) -> int:
    """Return a length of time in milliseconds; ValueError when it is none."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no length of time: that is {EXPLAINED}.")
    return round(float(found[1]) * _MILLISECONDS[found[2]])

"""What a reader of the catalog accepts and already has (RFC 9110): codings and entity tags."""

import re
from functools import lru_cache
from typing import Final

_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: str) -> bool:
    """Whether gzip is acceptable, and no less so than the plain bytes (section 12.5.3)."""
    weights: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        coding, _, parameters = part.partition(";")
        weights[coding.strip()] = _weight(parameters)
    gzip = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def _weight(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0  # What can't be read is not sent.


def known_tags(if_none_match: str) -> list[str]:
    """The entity tags in the header, for weak comparison: without their `W/` (section 8.8.3.2)."""
    return _TAG.findall(if_none_match)

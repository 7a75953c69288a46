"""Cross-origin requests of browsers (CORS): a publishable key may be used from the pages that its app names.

A key that names none may be used from all: it is public, and no cookie goes with it. A secret key has no place in a
page, so no page gets to read what it is answered.
"""

import time
from collections.abc import Callable
from typing import Final

from foundation.keys import KeyHolder, KeyKind

Header = tuple[str, str]

ALLOW_ORIGIN: Final = "Access-Control-Allow-Origin"
EXPOSED: Final = (
    "Access-Control-Expose-Headers",
    "ETag, Idempotent-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
)
ASKED_WITH: Final = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "X-Checkout-Secret",
    "X-Customer-Token",
    "X-Request-Id",
)
PREFLIGHT: Final[tuple[Header, ...]] = (
    ("Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH, DELETE"),
    ("Access-Control-Allow-Headers", ", ".join(ASKED_WITH)),
    ("Access-Control-Max-Age", "600"),
    ("Vary", "Origin"),
)
ANY: Final[tuple[Header, ...]] = ((ALLOW_ORIGIN, "*"), EXPOSED)
KNOWN_SECONDS: Final = 5.0


def may_come_from(holder: KeyHolder, origin: str | None) -> bool:
    """Whether the key may be used there; what comes from no page at all has no origin."""
    return origin is None or holder.origins is None or origin in holder.origins


def headers_for(holder: KeyHolder | None, origin: str | None) -> tuple[Header, ...]:
    """What a browser has to be told about an answer to this key, or to none that is known."""
    if holder is None:
        return ANY if origin is not None else ()
    if holder.kind is KeyKind.SECRET:
        return ()
    if holder.origins is None:
        return ANY
    if origin is not None and origin in holder.origins:
        return (ALLOW_ORIGIN, origin), EXPOSED, ("Vary", "Origin")
    return (("Vary", "Origin"),)


class Preflights:
    """Answers the question that a browser asks first. It bears no key, so any key that allows the page will do."""

    def __init__(
        self,
        origins: Callable[[], frozenset[str] | None],
        elapsed: Callable[[], float] = time.monotonic,
        told: tuple[Header, ...] = PREFLIGHT,
    ) -> None:
        self._told = told
        self._read = origins
        self._elapsed = elapsed
        self._known: frozenset[str] | None = frozenset()
        self._read_at = float("-inf")

    def headers(self, origin: str) -> tuple[Header, ...]:
        """The answer's headers, as the keys were a few seconds ago at most."""
        if self._elapsed() - self._read_at >= KNOWN_SECONDS:
            self._known = self._read()
            self._read_at = self._elapsed()
        if self._known is None or origin in self._known:
            return (ALLOW_ORIGIN, origin), *self._told
        return (("Vary", "Origin"),)

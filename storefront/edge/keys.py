"""Keys known in process for a few seconds, so that a repeated question about the catalog costs no query."""

import time
from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from foundation.keys import KeyHolder

KNOWN_SECONDS: Final = 5.0
"""How long a revoked key may go on reading the catalog (the contract allows a minute)."""
MOST_KNOWN: Final = 10_000


def bearer_key(authorization: str) -> str | None:
    """The key in an Authorization header; None if there is none."""
    scheme, _, key = authorization.partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None


class KeyCache:
    """Whose keys are in use. Keys are remembered by a digest; those that are refused are asked about each time."""

    def __init__(
        self,
        authenticate: Callable[[str], KeyHolder | None],
        seconds: float = KNOWN_SECONDS,
        elapsed: Callable[[], float] = time.monotonic,
        note: Callable[[str], None] = lambda _key_id: None,
    ) -> None:
        self._authenticate = authenticate
        self._note = note
        self._seconds = seconds
        self._elapsed = elapsed
        self._known: dict[bytes, tuple[KeyHolder, float]] = {}

    def holder_of(self, authorization: str) -> KeyHolder | None:
        """Whose key an Authorization header holds, as of a few seconds ago; None for none of ours."""
        digest = _digest(authorization)
        known = self._known.get(digest)
        if known is not None and self._elapsed() < known[1]:
            self._note(known[0].key_id)
            return known[0]
        return self._look_up(authorization, digest)

    def look_up(self, authorization: str) -> KeyHolder | None:
        """Whose key it is now, by the database."""
        return self._look_up(authorization, _digest(authorization))

    def knows(self, authorization: str) -> bool:
        """Whether it held a key of ours when it was looked up last, lately."""
        return _digest(authorization) in self._known

    def _look_up(self, authorization: str, digest: bytes) -> KeyHolder | None:
        key = bearer_key(authorization)
        holder = None if key is None else self._authenticate(key)
        if holder is None:
            self._known.pop(digest, None)
            return None
        if len(self._known) >= MOST_KNOWN:
            # One key can be written in many ways: with blanks, in other cases of "Bearer".
            self._known.clear()
        self._note(holder.key_id)
        self._known[digest] = (holder, self._elapsed() + self._seconds)
        return holder


def _digest(authorization: str) -> bytes:
    return blake2b(authorization.encode("latin-1", "replace"), digest_size=16).digest()

"""Key sets (JWKS, RFC 7517) of partners: fetched when needed, kept for a while, renewed when a new key is named.

A set that can't be renewed goes on for a day. The address is the app's setting, never the token's.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from foundation.errors import StorefrontError
from foundation.http import ExchangeError, HttpClient, TimeOuts
from foundation.logs import get_logger

log = get_logger(__name__)

FRESH_SECONDS: Final = 600.0
STALE_SECONDS: Final = 86_400.0
"""How long a set goes on that can't be renewed."""
FAILED_SECONDS: Final = 5.0
"""After a failure nobody is asked for so long."""
UNKNOWN_SECONDS: Final = 30.0
"""A token that names an unknown key makes us ask anew, this often at most."""
LARGEST_SET: Final = 256 * 1024
MOST_KEYS: Final = 100
SMALLEST_RSA: Final = 2048
"""Bits (NIST SP 800-131A)."""
TIME_OUTS: Final = TimeOuts(connect=3, read=4, write=3, pool=1, whole=6)

Keys = Mapping[str, jwt.PyJWK]


class KeysUnavailableError(StorefrontError):
    """The partner's key set can't be read just now."""

    code = "customer_keys_unavailable"


@dataclass(frozen=True, slots=True)
class _Set:
    keys: Keys
    fetched_at: float


class KeySets:
    """The key sets of all apps, by address."""

    def __init__(
        self, fetch: Callable[[str], bytes] | None = None, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch or fetch_set
        self._elapsed = elapsed
        self._sets: dict[str, _Set] = {}
        self._failed_at: dict[str, float] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def key(self, url: str, key_id: object) -> jwt.PyJWK | None:
        """The key of this `kid`; None if the set, which may be half a minute old then, has none such.

        KeysUnavailableError if there is no set that could be used.
        """
        if not isinstance(key_id, str):
            return None
        found = self._keys(url, FRESH_SECONDS).get(key_id)
        return found or self._keys(url, UNKNOWN_SECONDS).get(key_id)

    def _keys(self, url: str, fresh_seconds: float) -> Keys:
        """The set, asked for anew if it is older than that, and if it can be."""
        known = self._sets.get(url)
        if known is not None and self._age(known) < fresh_seconds:
            return known.keys
        usable = known if known is not None and self._age(known) < STALE_SECONDS else None
        with self._lock:
            # One for each address: a partner's slow key server must not hold up another's customers.
            lock = self._locks.setdefault(url, threading.Lock())
        if not lock.acquire(blocking=usable is None):
            # Somebody is asking already, and this set does meanwhile.
            return usable.keys if usable is not None else {}
        try:
            return self._renewed(url, fresh_seconds, usable)
        finally:
            lock.release()

    def _renewed(self, url: str, fresh_seconds: float, usable: _Set | None) -> Keys:
        known = self._sets.get(url)
        if known is not None and self._age(known) < fresh_seconds:
            return known.keys
        if self._elapsed() - self._failed_at.get(url, float("-inf")) >= FAILED_SECONDS:
            try:
                keys = read_set(self._fetch(url))
            except (ExchangeError, ValueError, RecursionError, jwt.PyJWTError) as error:
                self._failed_at[url] = self._elapsed()
                log.warning("a partner's key set can't be read", url=url, why=str(error), goes_on=usable is not None)
            else:
                self._sets[url] = _Set(keys, self._elapsed())
                return keys
        if usable is None:
            raise KeysUnavailableError("The app's key set (JWKS) can't be read just now.", retry_after=FAILED_SECONDS)
        return usable.keys

    def _age(self, known: _Set) -> float:
        return self._elapsed() - known.fetched_at


def read_set(body: bytes) -> Keys:
    """Keys for signatures by their `kid`. ValueError, RecursionError or jwt.PyJWTError for what is no key set."""
    key_set = json.loads(body)
    if not isinstance(key_set, dict) or not isinstance(key_set.get("keys"), list):
        raise ValueError("a key set is an object with keys")  # noqa: TRY004  what json.loads raises too
    listed = key_set["keys"][:MOST_KEYS]
    wanted = [key for key in listed if isinstance(key, dict) and key.get("use") in {None, "sig"}]
    found = jwt.PyJWKSet.from_dict({"keys": wanted}).keys
    usable = {key.key_id: key for key in found if isinstance(key.key_id, str) and _is_public_and_strong(key.key)}
    if not usable:
        raise ValueError("it holds no key that signatures can be checked with: RSA of 2048 bits or EC, with a kid")
    return usable


def fetch_set(url: str) -> bytes:
    """What is at the address; asked once, for a few seconds at most. ExchangeError, ValueError."""
    with HttpClient(largest_answer=LARGEST_SET, time_outs=TIME_OUTS) as http:
        answer = http.get(url, retry=False)
    if answer.status != 200:  # noqa: PLR2004  OK
        raise ValueError(f"the key set was answered with {answer.status}")
    return answer.body


def _is_public_and_strong(key: Any) -> bool:  # noqa: ANN401  what PyJWT makes of a key
    return isinstance(key, EllipticCurvePublicKey) or (isinstance(key, RSAPublicKey) and key.key_size >= SMALLEST_RSA)

"""Customer tokens: JWTs (RFC 7519) in which a partner's backend says which of its customers is calling.

The algorithm is the app's setting, never the token's: one signed in another way is refused whatever its header says.
"""

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import jwt

from foundation.clock import Clock, utc_now
from foundation.errors import StorefrontError, UnauthenticatedError
from foundation.http import ExchangeError, HttpClient

LONGEST_LIFE: Final = 3600
"""Seconds that a token may have left, at most."""
LEEWAY: Final = 30
LONGEST_SUBJECT: Final = 255
UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
KEYS_FRESH_SECONDS: Final = 600
KEYS_FAILED_SECONDS: Final = 5
KEYS_ASKED_AGAIN_SECONDS: Final = 30
"""A token with an unknown key makes us look for new keys, this often at most."""


class TokenAlgorithm(StrEnum):
    """How an app's customer tokens are signed."""

    HS256 = "HS256"
    RS256 = "RS256"
    ES256 = "ES256"


class CustomerTokenError(UnauthenticatedError):
    """The token is not one that this app's backend made for now."""

    code = "bad_customer_token"


class KeysUnavailableError(StorefrontError):
    """The partner's key set can't be read just now."""

    code = "customer_keys_unavailable"


@dataclass(frozen=True, slots=True)
class TokenRules:
    """How an app's tokens are checked. `secret` is for HS256, `jwks_url` for the others."""

    app_id: str
    algorithm: TokenAlgorithm
    issuer: str
    secret: str | None = None
    jwks_url: str | None = None

    def __repr__(self) -> str:
        return f"TokenRules({self.app_id}, {self.algorithm})"


class CustomerTokens:
    """Verifies tokens; key sets are fetched when needed and kept for a while."""

    def __init__(self, fetch: Callable[[str], bytes] | None = None, clock: Clock = utc_now) -> None:
        self._fetch = fetch or _fetch
        self._clock = clock
        self._sets: dict[str, tuple[float, dict[str, jwt.PyJWK]]] = {}
        self._failed_at: dict[str, float] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def customer(self, token: str, rules: TokenRules) -> str:
        """The `sub` of a valid token. CustomerTokenError says what is wrong; KeysUnavailableError: ask again later."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(token, rules),
                algorithms=[rules.algorithm],
                audience=rules.app_id,
                issuer=rules.issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "sub", "aud", "iss"]},
            )
        except (jwt.PyJWTError, TypeError) as error:
            # A TypeError: the key that its kid names is of another kind than the app's algorithm.
            raise CustomerTokenError(
                f"The customer token is refused: {error}. Have your backend make a new one."
            ) from error
        if int(claims["exp"]) > self._clock().timestamp() + LONGEST_LIFE + LEEWAY:
            raise CustomerTokenError("The customer token lasts too long: let it expire within an hour.")
        subject = claims["sub"]
        if not isinstance(subject, str) or not 1 <= len(subject) <= LONGEST_SUBJECT or UNSTORABLE.search(subject):
            raise CustomerTokenError(f"The customer token's sub must be 1 to {LONGEST_SUBJECT} characters of text.")
        return subject

    def _key(self, token: str, rules: TokenRules) -> Any:  # noqa: ANN401  what PyJWT takes
        if rules.algorithm is TokenAlgorithm.HS256:
            return rules.secret or ""
        key_id = jwt.get_unverified_header(token).get("kid")
        keys = self._keys(rules.jwks_url or "", KEYS_FRESH_SECONDS)
        if key_id not in keys:
            keys = self._keys(rules.jwks_url or "", KEYS_ASKED_AGAIN_SECONDS)
        if key_id not in keys:
            raise CustomerTokenError("The customer token names a key (kid) that is not in the app's key set.")
        return keys[key_id].key

    def _keys(self, url: str, fresh_seconds: float) -> dict[str, jwt.PyJWK]:
        """The key set by `kid`, fetched anew if it is older than that. The address is the app's, never the token's."""
        if (known := self._fresh(url, fresh_seconds)) is not None:
            return known
        with self._lock:
            lock = self._locks.setdefault(url, threading.Lock())
        # A lock for each address: one partner's slow key server must not hold up another's customers.
        with lock:
            if (known := self._fresh(url, fresh_seconds)) is not None:
                return known
            if time.monotonic() - self._failed_at.get(url, float("-inf")) < KEYS_FAILED_SECONDS:
                raise KeysUnavailableError("The app's key set (JWKS) can't be read just now.", retry_after=5)
            try:
                keys = _read_keys(self._fetch(url))
            except (ExchangeError, ValueError, jwt.PyJWTError) as error:
                self._failed_at[url] = time.monotonic()
                raise KeysUnavailableError("The app's key set (JWKS) can't be read just now.", retry_after=5) from error
            self._sets[url] = (time.monotonic(), keys)
            return keys

    def _fresh(self, url: str, seconds: float) -> dict[str, jwt.PyJWK] | None:
        fetched_at, keys = self._sets.get(url, (float("-inf"), {}))
        return keys if time.monotonic() - fetched_at < seconds else None


def _read_keys(body: bytes) -> dict[str, jwt.PyJWK]:
    """Keys by their `kid`. ValueError or jwt.PyJWTError for what is no key set (RFC 7517)."""
    key_set = json.loads(body)
    if not isinstance(key_set, dict):
        raise ValueError("a key set is an object")  # noqa: TRY004  what json.loads raises too
    return {key.key_id: key for key in jwt.PyJWKSet.from_dict(key_set).keys if key.key_id}


def _fetch(url: str) -> bytes:
    with HttpClient(largest_answer=256 * 1024) as http:
        answer = http.get(url)
    if answer.status != 200:  # noqa: PLR2004  OK
        raise ValueError(f"the key set was answered with {answer.status}")
    return answer.body

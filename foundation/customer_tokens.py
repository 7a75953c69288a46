"""Customer tokens: JWTs (RFC 7519) in which a partner's backend says which of its customers is calling.

The algorithm is the app's setting, never the token's: one signed in another way is refused whatever its header says.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import jwt

from foundation.clock import Clock, utc_now
from foundation.errors import UnauthenticatedError
from foundation.key_sets import KeySets

LONGEST_LIFE: Final = 3600
"""Seconds that a token may have left, at most."""
LEEWAY: Final = 30
LONGEST_SUBJECT: Final = 255
UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
LONGEST_TOKEN: Final = 8192


class TokenAlgorithm(StrEnum):
    """How an app's customer tokens are signed."""

    HS256 = "HS256"
    RS256 = "RS256"
    ES256 = "ES256"


class CustomerTokenError(UnauthenticatedError):
    """The token is not one that this app's backend made for now."""

    code = "bad_customer_token"


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


@dataclass(frozen=True, slots=True)
class VerifiedCustomer:
    """Whom a valid token names, and when it is valid no more, leeway included."""

    customer_id: str
    expires_at: datetime


class CustomerTokens:
    """Verifies tokens; key sets are fetched when needed and kept for a while."""

    def __init__(self, key_sets: KeySets | None = None, clock: Clock = utc_now) -> None:
        self._key_sets = key_sets or KeySets()
        self._clock = clock

    def customer(self, token: str, rules: TokenRules) -> VerifiedCustomer:
        """Whom a valid token names. CustomerTokenError says what is wrong; KeysUnavailableError: ask again later."""
        if len(token) > LONGEST_TOKEN:
            raise CustomerTokenError(f"The customer token is longer than {LONGEST_TOKEN} characters.")
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
        except (jwt.PyJWTError, TypeError, RecursionError) as error:
            # A TypeError: the key that its kid names is of another kind than the app's algorithm.
            # A RecursionError: brackets without end in its header.
            raise CustomerTokenError(
                f"The customer token is refused: {error}. Have your backend make a new one."
            ) from error
        if int(claims["exp"]) > self._clock().timestamp() + LONGEST_LIFE + LEEWAY:
            raise CustomerTokenError("The customer token lasts too long: let it expire within an hour.")
        subject = claims["sub"]
        if not isinstance(subject, str) or not 1 <= len(subject) <= LONGEST_SUBJECT or UNSTORABLE.search(subject):
            raise CustomerTokenError(f"The customer token's sub must be 1 to {LONGEST_SUBJECT} characters of text.")
        return VerifiedCustomer(subject, datetime.fromtimestamp(int(claims["exp"]) + LEEWAY, UTC))

    def _key(self, token: str, rules: TokenRules) -> Any:  # noqa: ANN401  what PyJWT takes
        if rules.algorithm is TokenAlgorithm.HS256:
            return rules.secret or ""
        found = self._key_sets.key(rules.jwks_url or "", jwt.get_unverified_header(token).get("kid"))
        if found is None:
            raise CustomerTokenError("The customer token names a key (kid) that is not in the app's key set.")
        return found.key

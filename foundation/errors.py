"""One tree of errors. Each says what happened and, where the caller can mend it, what to do.

HTTP status is chosen in one place, storefront.api.problems. `code` is stable: it is part of the REST contract.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where (RFC 6901 pointer), a stable code, and a sentence for a person."""

    pointer: str
    code: str
    detail: str


class StorefrontError(Exception):
    """Root of the tree. `retry_after` is in seconds, None when waiting does not help or is not known to."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after


class SettingsError(StorefrontError):
    """A setting is missing or absurd; the message names the variable."""

    code = "bad_settings"


class UnauthenticatedError(StorefrontError):
    """Nobody we know is calling."""

    code = "unauthenticated"


class ForbiddenError(StorefrontError):
    """We know who is calling, and they may not do this."""

    code = "forbidden"


class OriginNotAllowedError(ForbiddenError):
    """The key may not be used from the web page that it was used from."""

    code = "origin_not_allowed"


class TooManyRequestsError(StorefrontError):
    """The caller has to wait as long as `retry_after` says."""

    code = "too_many_requests"


class OverloadedError(StorefrontError):
    """The service has too much to do just now."""

    code = "overloaded"


class NotFoundError(StorefrontError):
    """It does not exist, or belongs to somebody else: the caller can't tell which."""

    code = "not_found"


class InvalidInputError(StorefrontError):
    """The input can't be used; every fault is named at once."""

    code = "invalid_input"

    def __init__(self, detail: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.faults = tuple(faults)


class ConflictError(StorefrontError):
    """The request is fine, the state of things is not."""

    code = "conflict"


class GoodyError(StorefrontError):
    """Anything that went wrong between us and Goody. Goody's own text is for logs and operators, never for callers."""

    code = "supplier_error"


class GoodyUnavailableError(GoodyError):
    """Goody did not answer, answered 429 or 5xx, or was cut off: trying later may help."""

    code = "supplier_unavailable"


class GoodyUnreadableError(GoodyError):
    """Goody answered something that can't be read as what was asked for."""

    code = "supplier_unreadable"


class GoodyRefusedError(GoodyError):
    """Goody understood and said no (4xx). Trying the same again will not help."""

    code = "supplier_refused"

    def __init__(self, detail: str, *, status: int) -> None:
        super().__init__(detail)
        self.status = status


class GoodyUnauthorizedError(GoodyRefusedError):
    """The Goody API key is wrong for this environment (401, 403)."""

    code = "supplier_unauthorized"


class GoodyNotFoundError(GoodyRefusedError):
    """Goody has no such thing (404)."""

    code = "supplier_not_found"

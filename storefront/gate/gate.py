"""The limits at the door: of keys, of failures and streams per client address, of webhooks sent at an app's word.

They are counted in each process by itself: with several processes a caller may ask as many times more.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from foundation.errors import TooManyRequestsError
from foundation.keys import KeyHolder, KeyKind
from foundation.settings import Settings
from storefront.gate.addresses import Proxies, bucket_of
from storefront.gate.buckets import Allowance, Buckets, Verdict

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

VERDICT: Final = "storefront.verdict"
"""In the WSGI environment: what the limits said to this request; None where none holds."""
CHEAP: Final = frozenset({"GET", "HEAD", "OPTIONS"})
WRITE_COST: Final = 5
"""What a public key's write counts: it asks the supplier, and fills the database."""

WHOSE: Final = {
    "public": "this client address",
    "secret": "this key",
    "failed": "this client address, all refused",
    "stream": "this client address, for streams",
    "sending": "this app that make webhooks be sent",
}
"""From whom there is too much, by the name of the allowance."""


class Gate:
    """Counts requests, and says who has to wait."""

    def __init__(self, settings: Settings, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._proxies = Proxies(settings.trusted_proxies, settings.forwarded_header)
        self.is_behind_proxies = bool(settings.trusted_proxies)
        self.body_seconds = settings.body_seconds
        self._public = _buckets("public", settings.limit_public_burst, settings.limit_public_per_minute, elapsed)
        self._secret = _buckets("secret", settings.limit_secret_burst, settings.limit_secret_per_minute, elapsed)
        self._failed = _buckets("failed", settings.limit_failed_burst, settings.limit_failed_per_minute, elapsed)
        self._streams = _buckets("stream", settings.limit_stream_burst, settings.limit_stream_per_minute, elapsed)
        self._sending = _buckets("sending", settings.limit_sending_burst, settings.limit_sending_per_minute, elapsed)

    def client_of(self, environ: "WSGIEnvironment") -> str:
        """The address of whoever asks, behind the proxies that are trusted."""
        return self._proxies.client_of(environ)

    def count(self, holder: KeyHolder, address: str, method: str) -> Verdict | None:
        """Count one request; None where no limit is set."""
        if holder.kind is KeyKind.SECRET:
            return None if self._secret is None else self._secret.take(holder.key_id)
        if self._public is None:
            return None
        return self._public.take(f"{holder.key_id} {bucket_of(address)}", 1 if method in CHEAP else WRITE_COST)

    def fail(self, address: str) -> None:
        """Count a credential that was refused. TooManyRequestsError if there were too many from there."""
        verdict = None if self._failed is None else self._failed.take(bucket_of(address))
        if verdict is not None and verdict.retry_after is not None:
            raise too_many(verdict)

    def count_stream(self, address: str) -> None:
        """Count one that wants to listen, whoever it is. TooManyRequestsError if there were too many from there."""
        verdict = None if self._streams is None else self._streams.take(bucket_of(address))
        if verdict is not None and verdict.retry_after is not None:
            raise too_many(verdict)

    def count_sending(self, app_id: str) -> Verdict | None:
        """Count a message that the app wants sent now; None where no limit is set."""
        return None if self._sending is None else self._sending.take(app_id)

    def is_tired_of(self, address: str) -> bool:
        """Whether so much was refused from there that an unknown key is not even looked up."""
        failed = self._failed
        return failed is not None and failed.kept > 0 and failed.is_empty(bucket_of(address))


def too_many(verdict: Verdict) -> TooManyRequestsError:
    """The error of a request that has to wait."""
    name = WHOSE[verdict.allowance.name]
    return TooManyRequestsError(
        f"Too many requests from {name}. Wait as long as Retry-After says.", retry_after=verdict.retry_after
    )


def limit_headers(verdict: Verdict) -> list[tuple[str, str]]:
    """`RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers): what is left, and until when."""
    name, burst, per_minute = verdict.allowance
    window = max(round(burst * 60 / per_minute), 1)
    return [
        ("RateLimit-Policy", f'"{name}";q={burst};w={window}'),
        ("RateLimit", f'"{name}";r={verdict.remaining};t={-int(-verdict.full_in // 1)}'),
    ]


def _buckets(name: str, burst: int, per_minute: int, elapsed: Callable[[], float]) -> Buckets | None:
    return Buckets(Allowance(name, burst, per_minute), elapsed) if per_minute else None

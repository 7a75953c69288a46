"""The guarded transport: the only module that imports httpx.

It settles what every call over the network needs: time-outs, a pool, a bound on what is read, retries where the caller
says that asking twice does no harm, and two errors that tell "certainly never sent" from "may have been acted on".
"""

import functools
import itertools
import math
import random
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Final, Self, TypeAlias

import httpcore
import httpx

from foundation.clock import Clock, utc_now
from foundation.errors import SettingsError
from foundation.guarded_network import GuardedNetwork, Judge, Resolver, resolve
from foundation.public_addresses import is_public

# Named here for those who swap it: tests hand in an httpx.MockTransport, nobody else needs to know of httpx.
Transport: TypeAlias = httpx.BaseTransport

RETRIED: Final = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
LARGEST_ANSWER: Final = 32 * 1024 * 1024
_LONGEST_RETRY_AFTER: Final = 86_400.0


class ExchangeError(Exception):
    """No answer came. The text names the kind of failure and nothing of what was sent."""


class NotSentError(ExchangeError):
    """The request certainly never reached the other side."""


class NoAnswerError(ExchangeError):
    """The request may have arrived and been acted on; what came of it is not known."""


@dataclass(frozen=True, slots=True)
class TimeOuts:
    """Seconds allowed for each step, and for the whole of one try (checked as the answer arrives)."""

    connect: float = 5.0
    read: float = 20.0
    write: float = 10.0
    pool: float = 5.0
    whole: float = 30.0


@dataclass(frozen=True, slots=True)
class Retries:
    """How often and when to ask again, in seconds; the callables are swapped in tests.

    `tries` counts the first one. No further try begins after `budget`. A `Retry-After` above `longest_retry_after` is
    not waited for: the answer is handed to the caller at once, with its `retry_after`.
    """

    tries: int = 3
    budget: float = 30.0
    first_delay: float = 0.25
    longest_delay: float = 2.0
    longest_retry_after: float = 5.0
    sleep: Callable[[float], None] = time.sleep
    elapsed: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    now: Clock = utc_now

    def delay(self, tries_made: int, retry_after: float | None) -> float | None:
        """Seconds to wait before the next try, None when there shall be none. Exponential, half of it random."""
        if tries_made >= self.tries or (retry_after or 0.0) > self.longest_retry_after:
            return None
        backoff = min(self.first_delay * 2.0 ** (tries_made - 1), self.longest_delay)
        return max(backoff * (0.5 + 0.5 * self.jitter()), retry_after or 0.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are in lower case; `retry_after` is in seconds, None when not named."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    retry_after: float | None = None
    tries: int = field(default=1, repr=False)
    """How often was asked, this answer's request among them."""


class HttpClient:
    """A pool of connections to one place; threads may share it. Close it, or use it as a context manager.

    `headers` go with every request and may hold secrets: they show in no repr, log or error. With a `base_url` every
    path begins with `/`; without one every path is a whole URL. Only `retry=True` asks more than once. Retrying is our
    own few lines: httpx-retries waits out its cap where a longer `Retry-After` should end the matter, bounds the sleeps
    but not the time, and does not see an answer that breaks off in its body.
    """

    def __init__(
        self,
        base_url: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        time_outs: TimeOuts | None = None,
        retries: Retries | None = None,
        largest_answer: int = LARGEST_ANSWER,
        connections: int = 20,
        transport: Transport | None = None,
        is_cut: bool = False,
    ) -> None:
        """Open nothing yet: connections are made when they are needed.

        With `is_cut` an answer is read as it came over the wire, and no further than the `largest_answer`, or than
        the time for the whole: what it says first is enough.
        """
        self._base_url = _checked(base_url)
        self._time_outs = time_outs or TimeOuts()
        self._retries = retries or Retries()
        self._largest_answer = largest_answer
        self._is_cut = is_cut
        self._client = httpx.Client(
            headers={"User-Agent": f"goody-storefront/{_our_version()}"} | dict(headers or {}),
            timeout=httpx.Timeout(
                connect=self._time_outs.connect,
                read=self._time_outs.read,
                write=self._time_outs.write,
                pool=self._time_outs.pool,
            ),
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            follow_redirects=False,
            trust_env=False,
            verify=_certificates(),
            transport=transport,
        )
        # Threads share the client: a cookie set for one request must not travel with the next.
        self._client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"HttpClient({self._base_url!r})"

    def close(self) -> None:
        """Close the pooled connections."""
        self._client.close()

    def get(self, path: str, params: Mapping[str, str] | None = None, *, retry: bool = True) -> Answer:
        """The answer to a GET. Raises NotSentError or NoAnswerError."""
        return self._exchange(self._request("GET", path, params=params), retry=retry)

    def post(
        self, path: str, body: bytes = b"", *, headers: Mapping[str, str] | None = None, retry: bool = False
    ) -> Answer:
        """The answer to a POST, of JSON unless `headers` say otherwise. Raises NotSentError or NoAnswerError."""
        request = self._request("POST", path, content=body, headers=headers)
        if body:
            request.headers.setdefault("Content-Type", "application/json")
        return self._exchange(request, retry=retry)

    def _request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        if self._base_url and not path.startswith("/"):
            # Joined to the base it could name another host, which would be sent the secrets in the headers.
            raise ValueError(f"A path at {self._base_url} begins with a slash.")
        try:
            return self._client.build_request(
                method, self._base_url + path, params=params or None, content=content, headers=headers
            )
        except httpx.InvalidURL:
            failure = NotSentError("The URL can't be used.")
        raise failure

    def _exchange(self, request: httpx.Request, *, retry: bool) -> Answer:
        began = self._retries.elapsed()
        for tries_made in itertools.count(1):
            end = self._try(request)
            if not retry or (isinstance(end, Answer) and end.status not in RETRIED):
                break
            delay = self._retries.delay(tries_made, end.retry_after if isinstance(end, Answer) else None)
            if delay is None or self._retries.elapsed() - began + delay > self._retries.budget:
                break
            self._retries.sleep(delay)
        if isinstance(end, ExchangeError):
            raise end
        return replace(end, tries=tries_made)

    def _try(self, request: httpx.Request) -> Answer | ExchangeError:
        # A failure is returned, and raised elsewhere: chained to it, httpx's own error could quote a header.
        deadline = self._retries.elapsed() + self._time_outs.whole
        try:
            with closing(self._client.send(request, stream=True)) as response:
                body = self._beginning(response, deadline) if self._is_cut else self._body(response, deadline)
        except ExchangeError as error:
            return error
        except httpx.HTTPError as error:
            return _failure(error)
        retry_after = retry_after_seconds(response.headers.get("retry-after", ""), self._retries.now())
        return Answer(response.status_code, dict(response.headers), body, retry_after)

    def _body(self, response: httpx.Response, deadline: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            size += len(part)
            if size > self._largest_answer:
                raise NoAnswerError(f"The answer is larger than {self._largest_answer} bytes.")
            # The read time-out starts anew with each byte: alone it lets a slow sender hold a thread for ever.
            if self._retries.elapsed() > deadline:
                raise NoAnswerError(f"The answer was not complete after {self._time_outs.whole:g} s.")
            parts.append(part)
        return b"".join(parts)

    def _beginning(self, response: httpx.Response, deadline: float) -> bytes:
        read = b""
        try:
            for part in response.iter_raw():
                read += part
                if len(read) >= self._largest_answer or self._retries.elapsed() > deadline:
                    break
        except httpx.HTTPError:
            # The status is known, and that is the answer; what was to follow explains it at most.
            return read[: self._largest_answer]
        return read[: self._largest_answer]


class GuardedTransport(httpx.HTTPTransport):
    """For URLs that somebody else chose: it connects to public addresses alone, anew for each request.

    `whole` is how many seconds a request may take, from the look-up of the name to the last byte of the answer. No
    connection is kept, so the address of each one is checked. Other addresses pass where `is_allowed` says so.
    """

    def __init__(
        self,
        whole: float,
        *,
        connections: int = 20,
        is_allowed: Judge = is_public,
        resolver: Resolver = resolve,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        trusted = certificates or _certificates()
        super().__init__(verify=trusted, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusted,
            max_connections=connections,
            max_keepalive_connections=0,
            network_backend=GuardedNetwork(whole, is_allowed=is_allowed, resolver=resolver),
        )


def retry_after_seconds(value: str, now: datetime) -> float | None:
    """What a `Retry-After` header asks for, in seconds; None when it is neither number nor date (RFC 9110, 10.2.3)."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = parsedate_to_datetime(value)
            seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER) if math.isfinite(seconds) else None


def _failure(error: httpx.HTTPError) -> ExchangeError:
    kind = type(error).__name__
    if isinstance(error, httpx.ConnectError):
        # Nothing was sent, so its text quotes nothing; it tells a wrong name from a closed port or a bad certificate.
        return NotSentError(f"No connection could be made ({kind}: {error}).")
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout | httpx.UnsupportedProtocol):
        return NotSentError(f"No connection could be made ({kind}).")
    return NoAnswerError(f"The exchange broke off ({kind}).")


@functools.cache
def _certificates() -> ssl.SSLContext:
    """What servers are trusted by, read once: it takes longer than many requests."""
    return httpx.create_ssl_context(trust_env=False)


def _checked(base_url: str) -> str:
    if not base_url:
        return ""
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host or url.query or url.fragment or url.userinfo:
        raise SettingsError(
            "A base URL looks like https://api.example.com: scheme, host, and at most a port and a path."
        )
    return base_url.rstrip("/")


def _our_version() -> str:
    try:
        return version("goody-storefront")
    except PackageNotFoundError:
        return "0"

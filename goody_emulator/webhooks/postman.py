"""Takes one message to one receiver, and brings back how that went."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http.cookiejar import DefaultCookiePolicy
from typing import Final

import httpx

_EXCERPT: Final = 1000
_ACCEPTED: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class Reception:
    """What a receiver did with a message."""

    status: int | None
    """The status it answered with, or None when no answer came."""
    error: str | None
    """Why no answer came."""
    milliseconds: int
    response: str
    """The beginning of its answer."""

    @property
    def is_accepted(self) -> bool:
        """Whether the message counts as delivered: 2xx does, and nothing else, redirects included."""
        return self.status in _ACCEPTED

    @property
    def outcome(self) -> str:
        """The status, or the name of the error."""
        return str(self.status) if self.error is None else self.error


class Postman:
    """Sends over connections it keeps; any number at a time, so that a slow receiver holds up no other."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout

    @cached_property
    def _client(self) -> httpx.Client:
        """Made for the first message: reading the machine's certificates would take a tenth of the start."""
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        client = httpx.Client(timeout=self._timeout, limits=limits, trust_env=False)
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        return client

    def post(self, url: str, headers: Mapping[str, str], body: str) -> Reception:
        """Send a body and return what came of it, within the seconds a receiver has to answer."""
        started = time.monotonic()
        status, error, response = None, None, b""
        try:
            with self._client.stream("POST", url, content=body.encode(), headers=dict(headers)) as answer:
                response = _beginning(answer, started + self._timeout)
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as failure:
            error = type(failure).__name__
        milliseconds = round((time.monotonic() - started) * 1000)
        return Reception(status, error, milliseconds, response[:_EXCERPT].decode(errors="replace"))


def _beginning(answer: httpx.Response, deadline: float) -> bytes:
    # Whatever a receiver answers must not fill the memory, nor hold the sender up for longer than it may take.
    found = b""
    for piece in answer.iter_raw():
        found += piece
        if len(found) >= _EXCERPT:
            break
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("The answer takes too long.")
    return found

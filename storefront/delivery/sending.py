"""One try: the message posted, and what came of it. No transaction is open here."""

import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from foundation.guarded_network import anywhere
from foundation.http import (
    ExchangeError,
    GuardedTransport,
    HttpClient,
    NotSentError,
    TimeOuts,
)
from foundation.logs import redact
from foundation.public_addresses import is_public
from storefront.delivery.messages import Message

EXCERPT: Final = 500
"""Characters of an answer that are kept."""
LARGEST_ANSWER: Final = 16 * 1024
CONNECTIONS: Final = 512


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a try came to. Times in milliseconds; `retry_after` in seconds."""

    duration_ms: int
    status_code: int | None = None
    error: str | None = None
    response_excerpt: str | None = None
    retry_after: float | None = None

    @property
    def is_delivered(self) -> bool:
        """Whether the endpoint took it."""
        return self.status_code is not None and HTTPStatus(200) <= self.status_code < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_gone(self) -> bool:
        """Whether the endpoint asks for nothing more, ever (410)."""
        return self.status_code == HTTPStatus.GONE


GONE_FROM_LOG: Final = Outcome(0, error="The event is past its retention: there is nothing left to send.")


class Sender:
    """Posts messages to addresses that partners chose."""

    def __init__(self, time_out: float, *, is_local_allowed: bool) -> None:
        self._time_out = time_out
        self._judge = anywhere if is_local_allowed else is_public
        self._opened: HttpClient | None = None
        self._lock = threading.Lock()

    def send(self, message: Message) -> Outcome:
        """Post it once."""
        began = time.monotonic()
        try:
            answer = self._http().post(message.url, message.body, headers=message.headers)
        except ExchangeError as error:
            kind = "" if isinstance(error, NotSentError) else " It may have arrived."
            return Outcome(_since(began), error=f"{error}{kind}")
        outcome = Outcome(_since(began), answer.status, None, _excerpt(answer.body), retry_after=answer.retry_after)
        return outcome if outcome.is_delivered else _explained(outcome, answer.status)

    def close(self) -> None:
        """Close what is open."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()

    def _http(self) -> HttpClient:
        """Made when the first message is sent: most processes send none, and reading certificates takes a while."""
        with self._lock:
            if self._opened is None:
                seconds = self._time_out
                self._opened = HttpClient(
                    headers={"Accept": "*/*", "Accept-Encoding": "identity"},
                    time_outs=TimeOuts(connect=seconds, read=seconds, write=seconds, pool=seconds, whole=seconds),
                    transport=GuardedTransport(seconds, connections=CONNECTIONS, is_allowed=self._judge),
                    largest_answer=LARGEST_ANSWER,
                    is_cut=True,
                )
            return self._opened


def _explained(outcome: Outcome, status: int) -> Outcome:
    error = f"It answered {status}."
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        error += " Redirects are not followed: give the address that it leads to."
    return Outcome(outcome.duration_ms, status, error, outcome.response_excerpt, outcome.retry_after)


def _excerpt(body: bytes) -> str | None:
    """The beginning of an answer, as text that any database takes, without links or addresses that it may repeat."""
    text = redact(body[: 4 * EXCERPT].decode("utf-8", "replace").replace("\x00", ""))[:EXCERPT]
    return text or None


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)

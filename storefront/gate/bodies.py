"""Bodies of requests are waited for by some of the threads only, and not for ever: clients may dribble."""

import io
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from werkzeug.exceptions import RequestEntityTooLarge, RequestTimeout

from foundation.errors import OverloadedError
from storefront.gate.addresses import bucket_of
from storefront.gate.overdue import IS_POSSIBLE, Overdue

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

LARGEST_BODY: Final = 1024 * 1024
MOST_AT_ONCE: Final = 8
"""Bodies that are waited for in one process: half of its threads. The others stay free for what has no body."""
MOST_PER_ADDRESS: Final = 4
TURN_SECONDS: Final = 2.0
BODY_SECONDS: Final = 30.0
"""How long a body may take to arrive, unless set otherwise..."""
SLOWEST: Final = 256 * 1024
"""...and a second more for each so many bytes that it may have."""
PEER: Final = "storefront.peer"
"""In the WSGI environment: the address at the other end of the connection, which may be a proxy's."""
NO_BODY: Final = frozenset({None, "", "0"})


class Turns:
    """Who may wait for a body just now: so many in all, and of one client address not all of these."""

    def __init__(self, most: int = MOST_AT_ONCE, most_per_address: int = MOST_PER_ADDRESS) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._taken: Counter[str] = Counter()
        self._given_back = threading.Condition()

    @contextmanager
    def turn(self, address: str) -> Iterator[None]:
        """A turn, within TURN_SECONDS; OverloadedError if there is none."""
        whose = bucket_of(address)
        with self._given_back:
            if not self._given_back.wait_for(lambda: self._is_free_for(whose), TURN_SECONDS):
                raise OverloadedError("Too many requests are arriving too slowly just now. Try again.", retry_after=5)
            self._taken[whose] += 1
        try:
            yield
        finally:
            with self._given_back:
                self._taken[whose] -= 1
                if not self._taken[whose]:
                    del self._taken[whose]
                self._given_back.notify_all()

    def _is_free_for(self, whose: str) -> bool:
        return self._taken.total() < self._most and self._taken[whose] < self._most_per_address


class Sender(NamedTuple):
    """Who sends a body, and how: the other end of the connection, and the client behind it."""

    peer: str
    client: str
    seconds: float = BODY_SECONDS
    """How long it may take."""
    announced: int = 0
    """How many bytes the body is said to have; 0 if that is not said."""


_turns = Turns()
_overdue = Overdue()


class PatientBody(io.RawIOBase):
    """The input of a request, read when there is a turn for it; OverloadedError if there is none."""

    def __init__(
        self, stream: IO[bytes], largest: int, sender: Sender, turns: Turns = _turns, overdue: Overdue = _overdue
    ) -> None:
        super().__init__()
        self._stream = stream
        self._largest = largest
        self._taken = 0
        self._sender = sender
        self._turns = turns
        self._overdue = overdue
        self._began: float | None = None

    def allow(self, largest: int) -> None:
        """Let it be longer than others. To be said before it is read."""
        self._largest = largest

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes. RequestEntityTooLarge if there are more than `largest` in all; RequestTimeout if it is late.

        Where that is IS_POSSIBLE: elsewhere it is waited for until the client goes away. RequestTimeout too if it
        breaks off before its announced end: what came of it must not be taken for the whole.
        """
        with self._turns.turn(self._sender.client):
            data = self._arriving(size)
            self._taken += len(data)
            # Whoever reads stops here, and would take what came so far for the whole.
            if self._taken >= self._largest and self._arriving(1):
                raise RequestEntityTooLarge
        if (size < 0 or (size and not data)) and self._taken < self._sender.announced:
            # Its client went away, or its connection was ended with another one's of the same peer.
            raise RequestTimeout("The request's body broke off before its end. Send it again, whole.")
        return data

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401  io's own
        """The same, into a buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _arriving(self, size: int) -> bytes:
        if not IS_POSSIBLE:
            return self._stream.read(size)
        if self._began is None:
            self._began = time.monotonic()
        until = self._began + self._sender.seconds + self._largest / SLOWEST
        with self._overdue.waiting(self._sender.peer, self._began, until):
            data = self._stream.read(size)
        if time.monotonic() >= until:
            # What came is all that there will be: its connection was ended.
            raise RequestTimeout("The request's body did not arrive in time. Send it again, faster.")
        return data


def guard_body(environ: "WSGIEnvironment", seconds: float = BODY_SECONDS) -> None:
    """Let the body of this request wait for its turn, if it has one that the server has not read already."""
    is_chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    if not is_chunked and environ.get("CONTENT_LENGTH") in NO_BODY:
        return
    stream = environ["wsgi.input"]
    if not isinstance(stream, io.BytesIO):
        client: str = environ.get("REMOTE_ADDR", "")
        announced = 0 if is_chunked else int(environ.get("CONTENT_LENGTH") or 0)
        sender = Sender(environ.get(PEER) or client, client, seconds, announced)
        environ["wsgi.input"] = PatientBody(stream, LARGEST_BODY, sender)


def allow_body(environ: "WSGIEnvironment", largest: int) -> None:
    """Let the body of this request be longer than others. To be said before anything of it is read."""
    stream = environ["wsgi.input"]
    if isinstance(stream, PatientBody):
        stream.allow(largest)

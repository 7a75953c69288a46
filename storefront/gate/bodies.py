"""Bodies of requests are waited for by some of the threads only: clients that dribble must not hold all of them."""

import io
import threading
from typing import IO, TYPE_CHECKING, Any, Final

from werkzeug.exceptions import RequestEntityTooLarge

from foundation.errors import OverloadedError

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

LARGEST_BODY: Final = 1024 * 1024
MOST_AT_ONCE: Final = 8
"""Bodies that are waited for in one process: half of its threads. The others stay free for what has no body."""
TURN_SECONDS: Final = 2.0
NO_BODY: Final = frozenset({None, "", "0"})

_turns = threading.BoundedSemaphore(MOST_AT_ONCE)


class PatientBody(io.RawIOBase):
    """The input of a request, read when there is a turn for it; OverloadedError if there is none."""

    def __init__(self, stream: IO[bytes], largest: int, turns: threading.Semaphore = _turns) -> None:
        super().__init__()
        self._stream = stream
        self._room = largest
        self._turns = turns

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes. RequestEntityTooLarge if there are more than `largest` in all."""
        if not self._turns.acquire(timeout=TURN_SECONDS):
            raise OverloadedError("Too many requests are arriving too slowly just now. Try again.", retry_after=5)
        try:
            data = self._stream.read(size)
            self._room -= len(data)
            # Whoever reads stops here, and would take what came so far for the whole.
            if self._room <= 0 and self._stream.read(1):
                raise RequestEntityTooLarge
        finally:
            self._turns.release()
        return data

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401  io's own
        """The same, into a buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def guard_body(environ: "WSGIEnvironment") -> None:
    """Let the body of this request wait for its turn, if it has one that the server has not read already."""
    is_chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    if not is_chunked and environ.get("CONTENT_LENGTH") in NO_BODY:
        return
    stream = environ["wsgi.input"]
    if not isinstance(stream, io.BytesIO):
        environ["wsgi.input"] = PatientBody(stream, LARGEST_BODY)

"""An answer of Flask's, whole, before it is sent."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from storefront.edge.entry import Entry, Header
from storefront.request_ids import REQUEST_ID

if TYPE_CHECKING:
    from collections.abc import Callable
    from wsgiref.types import WSGIApplication, WSGIEnvironment

OK: Final = "200 "


@dataclass(frozen=True, slots=True)
class FlaskAnswer:
    """Status line, headers and body."""

    status: str
    headers: list[Header]
    body: bytes

    @property
    def request_id(self) -> str:
        """The id that Flask logged the request under."""
        return self._header(REQUEST_ID)

    def entry(self, route: str) -> Entry | None:
        """The answer as it may be given again; None if it is not one for shared caches."""
        etag = self._header("ETag")
        is_public = "public" in self._header("Cache-Control")
        if not (self.status.startswith(OK) and is_public and etag.startswith('"')):
            return None
        return Entry(route, self.headers, etag, self.body)

    def _header(self, wanted: str) -> str:
        return next((value for name, value in self.headers if name.lower() == wanted.lower()), "")


def ask_flask(flask: "WSGIApplication", environ: "WSGIEnvironment") -> FlaskAnswer:
    """Call the application and read its answer to the end."""
    started: list[tuple[str, list[Header]]] = []
    written: list[bytes] = []

    def start(status: str, headers: list[Header], _error: object = None) -> "Callable[[bytes], object]":
        started[:] = [(status, headers)]
        return written.append

    chunks = flask(environ, start)
    try:
        written.extend(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    return FlaskAnswer(*started[0], b"".join(written))

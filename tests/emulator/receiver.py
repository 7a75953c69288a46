"""A real receiver of webhooks, which keeps what it got and can be told to refuse."""

import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

HOOKS: Final = "/hooks"
"""Where the endpoint of all apps is; a test may have endpoints of its own under other paths."""
_PATIENCE: Final = 60


@dataclass
class Received:
    """One delivery as it came in."""

    headers: dict[str, str]
    body: bytes
    path: str = HOOKS

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def svix_id(self) -> str:
        return self.headers["svix-id"]

    @property
    def type(self) -> str:
        found: str = self.event["event_type"]
        return found


@dataclass
class Place:
    """An endpoint of one test: what it does with a delivery, and all it got, in order."""

    url: str
    received: list[Received] = field(default_factory=list)
    answer: Callable[[Received], int] = lambda _: 204
    """Returns the status to answer a delivery with; may take its time."""


@dataclass
class Receiver:
    """What came in, over all apps."""

    origin: str = ""
    received: list[Received] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    """How many more deliveries of a workspace to answer with 500."""
    places: dict[str, Place] = field(default_factory=dict)
    news: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"{self.origin}{HOOKS}"

    def place(self, answer: Callable[[Received], int] = lambda _: 204) -> Place:
        """Return a new endpoint that nobody else knows."""
        path = f"/{uuid.uuid4()}"
        place = self.places[path] = Place(f"{self.origin}{path}", answer=answer)
        return place

    def take(self, delivery: Received) -> int:
        place = self.places.get(delivery.path)
        with self.news:
            (self.received if place is None else place.received).append(delivery)
            self.news.notify_all()
            if place is None:
                workspace = delivery.event["data"]["workspace_id"]
                self.refusals[workspace] -= 1
                return 500 if self.refusals[workspace] >= 0 else 204
        return place.answer(delivery)

    def of(self, workspace: str) -> list[Received]:
        return [each for each in list(self.received) if each.event["data"]["workspace_id"] == workspace]

    def wait_for(self, workspace: str, count: int) -> list[Received]:
        """Return a workspace's deliveries as soon as there are so many."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.of(workspace)) >= count, _PATIENCE), self.of(workspace)
        time.sleep(0.05)  # so that one too many would be seen
        return self.of(workspace)

    def wait_at(self, place: Place, count: int) -> list[Received]:
        """Return what a place got as soon as that is so much."""
        with self.news:
            assert self.news.wait_for(lambda: len(place.received) >= count, _PATIENCE), place.received
        time.sleep(0.05)
        return list(place.received)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = receiver.take(Received(headers, body, self.path))
            answer = b"" if status == 204 else f"answered with {status}".encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    receiver.origin = f"http://127.0.0.1:{server.server_port}"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

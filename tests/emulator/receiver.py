"""A real receiver of webhooks, which keeps what it got and can be told to refuse."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

_PATIENCE: Final = 10


@dataclass
class Received:
    """One delivery as it came in."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Receiver:
    """What came in, over all apps."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)
    """How many more deliveries of a workspace to answer with 500."""
    news: threading.Condition = field(default_factory=threading.Condition)

    def take(self, delivery: Received) -> int:
        with self.news:
            self.received.append(delivery)
            self.news.notify_all()
            workspace = delivery.event["data"]["workspace_id"]
            self.refusals[workspace] -= 1
            return 500 if self.refusals[workspace] >= 0 else 204

    def of(self, workspace: str) -> list[Received]:
        return [each for each in list(self.received) if each.event["data"]["workspace_id"] == workspace]

    def wait_for(self, workspace: str, count: int) -> list[Received]:
        """Return a workspace's deliveries as soon as there are so many."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.of(workspace)) >= count, _PATIENCE), self.of(workspace)
        time.sleep(0.05)  # so that one too many would be seen
        return self.of(workspace)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.take(Received({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

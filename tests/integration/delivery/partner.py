"""A partner's backend: a real server that keeps what it got, and answers as a test tells it to."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Message:
    """A delivery as it came in; header names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def subject(self) -> str:
        found: str = self.event["data"]["id"]
        return found


@dataclass(frozen=True)
class Reply:
    """What to answer, after so many seconds."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    after: float = 0.0


Answering = Callable[[Message], Reply]


@dataclass
class Partner:
    """What came in over all paths, in order, and what each path answers."""

    origin: str = ""
    received: list[Message] = field(default_factory=list)
    answers: dict[str, Answering] = field(default_factory=dict)
    news: threading.Condition = field(default_factory=threading.Condition)

    def url(self, path: str = "/hooks") -> str:
        return f"{self.origin}{path}"

    def answer(self, *replies: Reply, path: str = "/hooks") -> None:
        """Answer with these in turn, the last of them for ever."""
        left = list(replies)
        self.answers[path] = lambda _: left.pop(0) if len(left) > 1 else left[0]

    def at(self, path: str = "/hooks") -> list[Message]:
        return [message for message in list(self.received) if message.path == path]

    def take(self, message: Message) -> Reply:
        with self.news:
            self.received.append(message)
            self.news.notify_all()
        answering = self.answers.get(message.path)
        return Reply() if answering is None else answering(message)

    def wait_for(self, count: int, path: str = "/hooks", seconds: float = 30) -> list[Message]:
        with self.news:
            assert self.news.wait_for(lambda: len(self.at(path)) >= count, seconds), self.received
        return self.at(path)


@contextmanager
def partner_backend() -> Iterator[Partner]:
    """Run one on a free port."""
    partner = Partner()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = partner.take(Message(self.path, headers, body))
            time.sleep(reply.after)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A sender that was killed breaks off."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    partner.origin = f"http://127.0.0.1:{server.server_port}"
    try:
        yield partner
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""Event streams as a listener sees them, over real sockets."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from foundation import events
from storefront.services import Services, build_services
from storefront.stream.server import StreamServer
from tests.shop import Shop


class Stream:
    """An open connection to a stream."""

    def __init__(self, port: int, target: str, method: str = "GET", **headers: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        self._socket.sendall(f"{method} {target} HTTP/1.1\r\nHost: x\r\n{lines}\r\n".encode())
        self._file = self._socket.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        self.headers: dict[str, str] = {}
        while line := self._file.readline().strip().decode():
            name, _, value = line.partition(": ")
            self.headers[name.lower()] = value

    def block(self) -> list[str]:
        """The lines up to the next empty one; none at the end of the stream."""
        lines = []
        while line := self._file.readline().decode().rstrip("\n"):
            lines.append(line)
        return lines

    def event(self) -> dict[str, Any]:
        """The next event, its data read."""
        while not (block := self.block())[0].startswith("id: "):
            assert block[0].startswith((":", "retry:")), block
        fields = dict(line.split(": ", 1) for line in block)
        data: dict[str, Any] = json.loads(fields["data"])
        assert (fields["id"], fields["event"]) == (data["id"], data["type"])
        return data

    def rest(self) -> bytes:
        return self._file.read()

    def close(self) -> None:
        self._file.close()
        self._socket.close()


@dataclass
class Streaming:
    """A shop whose events are streamed."""

    shop: Shop
    server: StreamServer
    port: int
    opened: list[Stream]
    services: Services

    def open(self, target: str = "/v1/events/stream", **headers: str) -> Stream:
        stream = Stream(self.port, target, **headers)
        self.opened.append(stream)
        return stream

    def as_backend(self, **headers: str) -> Stream:
        stream = self.open(Authorization=f"Bearer {self.shop.sk}", **headers)
        assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream")
        assert stream.block() == ["retry: 2000"]
        return stream

    def token(self, body: dict[str, Any], **caller: Any) -> str:
        answer = self.shop.call("POST", "/v1/stream_tokens", body, **caller)
        assert answer.status_code == 201, answer.text
        made = answer.get_json()
        assert made["url"] == f"https://stream.example/v1/events/stream?token={made['token']}"
        token: str = made["token"]
        return token


Tuned = Callable[..., Streaming]


@contextmanager
def tuned_streams(shop: Shop) -> Iterator[Tuned]:
    """Starts streams with settings of one's own, and ends them all."""
    started: list[Streaming] = []

    def start(**settings: Any) -> Streaming:
        chosen = {"stream_poll_seconds": 0.02, "stream_heartbeat_seconds": 5.0, **settings}
        services = build_services(replace(shop.services.settings, **chosen), clock=shop.clock)
        server = StreamServer(services, "127.0.0.1", 0)
        streaming = Streaming(shop, server, server.start(), [], services)
        started.append(streaming)
        return streaming

    try:
        yield start
    finally:
        for streaming in started:
            streaming.server.stop()
            for stream in streaming.opened:
                stream.close()
            streaming.services.close()


def happen(shop: Shop, *event_types: str, **changes: str) -> None:
    with shop.services.sessions.begin() as session:
        for event_type in event_types:
            events.append(session, shop.app_id, event_type, "something", shop.clock(), changes)

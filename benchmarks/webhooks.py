"""Taking in Goody's webhooks, against a bare view that verifies and commits a row, on the same server and database."""

import base64
import json
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from svix.webhooks import Webhook

from benchmarks.bare_webhooks import SECRET, URL
from benchmarks.measuring import Measured
from foundation.encryption import generate_key
from foundation.ids import new_token
from foundation.settings import Settings
from storefront.demo.processes import Processes, choose_port, program
from storefront.migrating import migrate
from storefront.services import build_services
from tests.databases import KINDS, open_databases

ROUNDS: Final = 7
MESSAGES: Final = 1600
"""In a round; sent over CONNECTIONS at once, as Svix sends a burst."""
CONNECTIONS: Final = 16
WEBHOOK_SECRET: Final = "whsec_" + base64.b64encode(b"secret of the benchmark").decode()
ROW: Final = {"recipient_first_name": "Li", "status": "opened", "cart": {"items": [{"name": "x" * 40}] * 30}}


def measure_webhooks() -> Iterator[Measured]:
    """One figure for each database; messages of 2 KB."""
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as folder, open_databases(kind) as databases:
            yield _measure(kind, Path(folder), databases.new(), databases.new())


def _measure(kind: str, folder: Path, url: str, bare_url: str) -> Measured:
    keys = generate_key()
    _set_up(url, keys)
    ports = [choose_port(None, None, None) for _ in range(2)]
    environ = {
        "STOREFRONT_DATABASE_URL": url,
        "STOREFRONT_ENCRYPTION_KEYS": keys,
        "STOREFRONT_LOG_LEVEL": "WARNING",
        URL: bare_url,
        SECRET: WEBHOOK_SECRET,
        "PYTHONPATH": str(Path.cwd()),
    }
    with Processes(folder, environ) as processes:
        processes.start("web", [program("storefront"), "serve", "--bind", f"127.0.0.1:{ports[0]}"])
        processes.start("bare", [sys.executable, "-m", "benchmarks.bare_webhooks", str(ports[1])])
        targets = ((ports[0], "/webhooks/goody/bench"), (ports[1], "/webhook"))
        for port, path in targets:
            processes.wait_until("The server", lambda port=port, path=path: _is_taken(port, path), 120)  # type: ignore[misc]
        rates: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            for (port, path), found in zip(targets, rates, strict=True):
                found.append(_rate(port, _messages(path, MESSAGES)))
    ours, bare = (statistics.median(found) for found in rates)
    return Measured(f"POST /webhooks/goody/{{slug}} on {kind}", "bare view, svix and one row", ours, bare)


def _set_up(url: str, keys: str) -> None:
    services = build_services(Settings(database_url=url, encryption_keys=[keys]))
    migrate(services.sessions)
    services.apps.create(
        "bench",
        goody_api_key="goody_token_commerce_bench",
        goody_base_url="http://127.0.0.1:9",
        webhook_secret=WEBHOOK_SECRET,
        default_mode="hosted_payment",
    )
    services.close()


def _messages(path: str, count: int) -> list[bytes]:
    """Whole requests, signed beforehand: here the server is measured, not the sender."""
    body = json.dumps({"event_type": "order.gift_opened", "id": "event_1", "data": ROW})
    return [_message(path, body) for _ in range(count)]


def _message(path: str, body: str) -> bytes:
    message_id, moment = f"msg_{new_token()}", datetime.now(UTC)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"svix-id: {message_id}\r\nsvix-timestamp: {int(moment.timestamp())}\r\n"
        f"svix-signature: {Webhook(WEBHOOK_SECRET).sign(message_id, moment, body)}\r\n\r\n"
    )
    return (head + body).encode()


def _is_taken(port: int, path: str) -> bool:
    try:
        _send(port, _messages(path, 1))
    except OSError:
        return False
    return True


def _rate(port: int, messages: Sequence[bytes]) -> float:
    """Messages a second, from the first byte to the last answer."""
    threads = [
        threading.Thread(target=_send, args=(port, messages[number::CONNECTIONS])) for number in range(CONNECTIONS)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(messages) / (time.perf_counter() - began)


def _send(port: int, messages: Sequence[bytes]) -> None:
    with _connected(port) as connection:
        for message in messages:
            connection.sendall(message)
            answer = b""
            while b"\r\n\r\n" not in answer:
                if not (part := connection.recv(65_536)):
                    raise ConnectionError("The server ended the connection.")
                answer += part
            if not answer.startswith(b"HTTP/1.1 204"):
                raise SystemExit(f"A message was not taken: {answer[:200]!r}")


@contextmanager
def _connected(port: int) -> Iterator[socket.socket]:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=60)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield connection

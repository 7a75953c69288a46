"""Taking in Goody's webhooks, against a bare view that verifies and commits a row, on the same server and database."""

import base64
import json
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from typing import Final

from svix.webhooks import Webhook

from benchmarks import stand
from benchmarks.bare_webhooks import SECRET, URL
from benchmarks.machine import BenchmarkError, Server
from benchmarks.measuring import Ratio, in_turns
from foundation.ids import new_token
from storefront.demo.processes import choose_port

AIM: Final = 0.5
MESSAGES: Final = 800
"""In a round; sent over CONNECTIONS at once, as Svix sends a burst."""
CONNECTIONS: Final = 16
WEBHOOK_SECRET: Final = "whsec_" + base64.b64encode(b"secret of the benchmark").decode()
ROW: Final = {"recipient_first_name": "Li", "status": "opened", "cart": {"items": [{"name": "x" * 40}] * 30}}


def measure_webhooks(database: str) -> Iterator[Ratio]:
    """One figure; messages of 2 KB."""
    with ExitStack() as stack:
        place, bare_place = (stack.enter_context(stand.folder()) for _ in range(2))
        url = stack.enter_context(stand.database(place, database))
        bare_url = stack.enter_context(stand.database(bare_place, database))
        secret = stand.new_key()
        _set_up(url, secret)
        ours = stack.enter_context(stand.storefront(url, secret))
        bare = stack.enter_context(_bare(bare_url))
        rates = in_turns(
            {
                "ours": lambda: _rate(ours.port, _messages("/webhooks/goody/bench", MESSAGES)),
                "bare": lambda: _rate(bare.port, _messages("/webhook", MESSAGES)),
            }
        )
        yield Ratio(
            f"POST /webhooks/goody/{{slug}} on {database}",
            rates["ours"],
            "bare view, svix and one row",
            rates["bare"],
            "/s",
            at_least=AIM,
        )


@contextmanager
def _bare(url: str) -> Iterator[Server]:
    port = choose_port(None, None, None)
    command = [sys.executable, "-m", "benchmarks.bare_webhooks", str(port)]
    with stand.web(command, port, {URL: url, SECRET: WEBHOOK_SECRET}, "/webhook") as server:
        yield server


def _set_up(url: str, key: str) -> None:
    with stand.services_over(url, key) as services:
        services.apps.create(
            "bench",
            goody_api_key="goody_token_commerce_bench",
            goody_base_url="http://127.0.0.1:9",
            webhook_secret=WEBHOOK_SECRET,
            default_mode="hosted_payment",
        )


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


def _rate(port: int, messages: Sequence[bytes]) -> float:
    """Messages a second, from the first byte to the last answer."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        began = time.perf_counter()
        # What failed in a thread is raised here: a message that was not taken must not count.
        list(pool.map(lambda number: _send(port, messages[number::CONNECTIONS]), range(CONNECTIONS)))
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
                raise BenchmarkError(f"A message was not taken: {answer[:200]!r}")


@contextmanager
def _connected(port: int) -> Iterator[socket.socket]:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=60)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield connection

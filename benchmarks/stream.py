"""Idle listeners of event streams: how fast the API answers with a thousand of them, and without."""

import resource
import selectors
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from benchmarks import stand
from benchmarks.load import Load, Outcome
from benchmarks.machine import BenchmarkError, Generator
from benchmarks.measuring import Ratio
from storefront.demo.processes import choose_port

LISTENERS: Final = 1000
CONNECTIONS: Final = 4
SECONDS: Final = 3.0
ROUNDS: Final = 5
AIM: Final = 1.25
PRODUCTS: Final = 200
SPARE_FILES: Final = 200


def measure_stream(database: str) -> Iterator[Ratio]:
    """The p99 of `GET /v1/orders` with a thousand idle listeners, beside the same without."""
    _allow_files(LISTENERS + SPARE_FILES)
    with stand.folder() as place, stand.emulator(place, PRODUCTS) as goody, stand.database(place, database) as url:
        key = stand.new_key()
        with stand.services_over(url, key) as services:
            secret_key = stand.new_app(services, goody, "bench").secret_key
        port = choose_port(None, None, None)
        with stand.storefront(url, key, STREAM_BIND=f"127.0.0.1:{port}") as web, Generator() as generator:
            load = Load(web.port, ["/v1/orders"], {"Authorization": f"Bearer {secret_key}"}, SECONDS, CONNECTIONS)
            generator.run(load)
            without, among = [], []
            for _ in range(ROUNDS):
                without.append(_p99(generator.run(load)))
                with _listening(port, secret_key) as listeners:
                    among.append(_p99(generator.run(load)))
                    _must_all_be_there(listeners)
        yield Ratio(
            f"p99 of GET /v1/orders among {LISTENERS} listeners, {database}",
            sorted(among)[ROUNDS // 2],
            "without them",
            sorted(without)[ROUNDS // 2],
            "ms",
            at_most=AIM,
        )


def _p99(outcome: Outcome) -> float:
    if set(outcome.statuses) != {"200"}:
        raise BenchmarkError(f"The API answered {outcome.statuses}.")
    return outcome.p99 * 1000


@contextmanager
def _listening(port: int, key: str) -> Iterator["Listeners"]:
    listeners = Listeners(port, key)
    try:
        yield listeners
    finally:
        listeners.close()


class Listeners:
    """Open streams that nothing happens on."""

    def __init__(self, port: int, key: str) -> None:
        self._sockets = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(LISTENERS)]
        request = f"GET /v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
        for each in self._sockets:
            each.sendall(request)
        for each in self._sockets:
            if not each.recv(1024).startswith(b"HTTP/1.1 200"):
                raise BenchmarkError("A listener was not admitted.")

    def are_there(self) -> int:
        """How many have not been dropped."""
        with selectors.DefaultSelector() as selector:
            for each in self._sockets:
                selector.register(each, selectors.EVENT_READ)
            ready = [key.fileobj for key, _ in selector.select(0)]
        closed = sum(each.recv(65_536) == b"" for each in ready if isinstance(each, socket.socket))
        return len(self._sockets) - closed

    def close(self) -> None:
        """Close them all."""
        for each in self._sockets:
            each.close()


def _must_all_be_there(listeners: Listeners) -> None:
    if (count := listeners.are_there()) != LISTENERS:
        raise BenchmarkError(f"Of {LISTENERS} listeners {count} were left.")


def _allow_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(count, soft), hard), hard))

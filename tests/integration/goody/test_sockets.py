"""A real server that breaks off in every way: what may have been acted on is unknown, what never left is told apart."""

import contextlib
import logging
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from foundation.errors import GoodyUnavailableError, GoodyUnreadableError
from foundation.goody.client import GoodyClient, connect
from foundation.goody.outcome import Done, Unknown
from foundation.http import Retries, TimeOuts

API_KEY = "goody_token_commerce_socket5ecret"
BATCH = b'{"id":"b1","send_status":"complete"}'
QUICK = TimeOuts(connect=2.0, read=0.3, write=2.0, pool=2.0, whole=0.6)
PATIENT = TimeOuts(connect=60.0, read=60.0, write=60.0, pool=60.0, whole=120.0)
"""For servers that do answer, however busy the machine is."""

Behaviour = Callable[[socket.socket], None]


def whole(body: bytes) -> bytes:
    return b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


class Server:
    """Reads each request to its end, notes its body, and behaves as told, until the connection is closed."""

    def __init__(self, behave: Behaviour) -> None:
        self.behave = behave
        self.bodies: list[bytes] = []
        self.connections = 0
        self.stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._start(self._accept)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        self._threads.append(threading.Thread(target=target, args=args))
        self._threads[-1].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self.stopped.is_set():
                connection.close()
                return
            self.connections += 1
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(5.0)
            while (body := self._request(connection)) is not None:
                self.bodies.append(body)
                self.behave(connection)

    @staticmethod
    def _request(connection: socket.socket) -> bytes | None:
        received = b""
        while b"\r\n\r\n" not in received:
            part = connection.recv(65_536)
            if not part:
                return None
            received += part
        head, _, body = received.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        while lengths and len(body) < int(lengths[0]):
            body += connection.recv(65_536)
        return body

    def stop(self) -> None:
        self.stopped.set()
        # accept() does not notice that its socket is closed: one last visitor wakes it.
        with contextlib.suppress(OSError), socket.create_connection(self._listener.getsockname(), 1.0):
            pass
        self._listener.close()
        for thread in self._threads:
            thread.join()


Serve = Callable[[Behaviour], Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Server] = []

    def start(behave: Behaviour) -> Server:
        servers.append(Server(behave))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def open_client() -> Iterator["Open"]:
    with contextlib.ExitStack() as stack:
        retries = Retries(sleep=lambda _: None)
        yield lambda url, time_outs=QUICK: stack.enter_context(
            connect(url, API_KEY, time_outs=time_outs, retries=retries)
        )


Open = Callable[..., GoodyClient]


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def hang_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def truncate(connection: socket.socket) -> None:
    connection.sendall(whole(BATCH)[:-10])
    hang_up(connection)


def truncate_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 201 Cre")
    hang_up(connection)


def stall(connection: socket.socket) -> None:
    connection.recv(1)


def stall_in_the_body(connection: socket.socket) -> None:
    connection.sendall(whole(BATCH)[:-10])
    connection.recv(1)


def dribble(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n")
    connection.settimeout(0.1)
    for _ in range(1000):
        connection.sendall(b" ")
        with contextlib.suppress(TimeoutError):
            if connection.recv(1) == b"":
                return


def babble(connection: socket.socket) -> None:
    connection.sendall(b"220 smtp.example.com ESMTP\r\n")
    hang_up(connection)


def cut_without_a_length(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + BATCH[:-10])
    hang_up(connection)


def answer(connection: socket.socket) -> None:
    connection.sendall(whole(BATCH))


@pytest.mark.parametrize(
    "behave", [reset, hang_up, truncate, truncate_head, stall, stall_in_the_body, dribble, babble, cut_without_a_length]
)
def test_a_batch_whose_answer_breaks_off_is_unknown_and_was_sent_once(
    serve: Serve, open_client: Open, behave: Behaviour
) -> None:
    server = serve(behave)

    outcome = open_client(server.url).create_order_batch(b'{"from_name":"Ann"}')

    assert isinstance(outcome, Unknown)
    assert outcome.sent
    assert server.bodies == [b'{"from_name":"Ann"}']


@pytest.mark.parametrize("behave", [reset, hang_up, truncate, truncate_head, stall, stall_in_the_body, dribble, babble])
def test_a_read_that_breaks_off_is_unavailable_after_three_tries(
    serve: Serve, open_client: Open, behave: Behaviour
) -> None:
    server = serve(behave)

    with pytest.raises(GoodyUnavailableError, match="order batch b1"):
        open_client(server.url).order_batch("b1")

    assert len(server.bodies) == 3


def test_a_read_cut_where_nobody_can_tell_is_unreadable(serve: Serve, open_client: Open) -> None:
    with pytest.raises(GoodyUnreadableError, match="order batch b1"):
        open_client(serve(cut_without_a_length).url).order_batch("b1")


def test_a_closed_port_is_certainly_not_sent(open_client: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"

    outcome = open_client(url).create_order_batch(b"{}")

    assert isinstance(outcome, Unknown)
    assert not outcome.sent


def test_threads_share_a_few_connections(serve: Serve, open_client: Open) -> None:
    server = serve(answer)
    goody = open_client(server.url, PATIENT)

    with ThreadPoolExecutor(8) as threads:
        batches = list(threads.map(lambda number: goody.order_batch(f"b{number}"), range(200)))

    assert {batch.send_status for batch in batches} == {"complete"}
    assert len(server.bodies) == 200
    assert server.connections <= 8


def test_reads_and_writes_share_the_pool(serve: Serve, open_client: Open) -> None:
    server = serve(answer)
    goody = open_client(server.url, PATIENT)

    goody.order_batch("b1")
    assert isinstance(goody.create_order_batch(b"{}"), Done)
    goody.order_batch("b1")

    assert server.connections == 1


@pytest.mark.parametrize("behave", [answer, reset])
def test_no_log_of_the_layers_below_holds_the_key(
    serve: Serve, open_client: Open, caplog: pytest.LogCaptureFixture, behave: Behaviour
) -> None:
    caplog.set_level(logging.DEBUG)

    open_client(serve(behave).url, PATIENT).create_order_batch(b"{}")

    assert {record.name.split(".")[0] for record in caplog.records} >= {"httpcore"}
    assert API_KEY not in caplog.text
    assert all(API_KEY not in repr(vars(record)) for record in caplog.records)

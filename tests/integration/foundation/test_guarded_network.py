"""Requests to somebody else's URLs, over real sockets: where they may go, and how long they may take."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

import foundation.guarded_network as network
from foundation.http import GuardedTransport, HttpClient, NoAnswerError, NotSentError, TimeOuts
from foundation.public_addresses import is_public
from tests.integration.foundation.certificates import tls_for

Serve = Callable[[socket.socket], None]


@contextmanager
def server(serve: Serve) -> Iterator[tuple[int, list[tuple[str, int]]]]:
    """A server on the loopback address, and who connected to it."""
    connected: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, peer = listener.accept()
                except OSError:
                    return
                connected.append(peer)
                with connection:
                    try:
                        serve(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1], connected
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


BODY: Final = b"{}"


def take(connection: socket.socket) -> None:
    """Read a whole request: hanging up on what is still to come would reset the connection, answer and all."""
    taken = b""
    while not taken.endswith(BODY):
        part = connection.recv(65_536)
        if not part:
            return
        taken += part


def answer(connection: socket.socket) -> None:
    take(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


class Resolver:
    """A resolver of names, whose answers change as those of a rebinding one do."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def client(resolver: network.Resolver, whole: float = 5.0, *, allowed: network.Judge = is_public) -> HttpClient:
    transport = GuardedTransport(whole, is_allowed=allowed, resolver=resolver)
    outs = TimeOuts(connect=whole, read=whole, write=whole, whole=whole)
    return HttpClient(time_outs=outs, transport=transport, largest_answer=1000, is_cut=True)


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["::ffff:127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["0.0.0.0"], ["64:ff9b::7f00:1"]],  # noqa: S104
)
def test_a_name_that_leads_inside_is_not_connected_to(addresses: list[str]) -> None:
    with server(answer) as (port, connected), client(Resolver(addresses)) as http:
        with pytest.raises(NotSentError, match="not on the public internet") as caught:
            http.post(f"http://inside.example:{port}/", BODY)
        assert connected == []
    assert not any(address in str(caught.value) for address in addresses), "where inside names lead is no answer"


def is_first(address: str) -> bool:
    """Take this machine's first address for one of the internet, where the test can listen on no other."""
    return address == "127.0.0.1"


def test_a_name_is_looked_up_anew_and_checked_for_each_request() -> None:
    """First it leads to an address that is allowed, a moment later to another one of this machine."""
    resolver = Resolver(["127.0.0.1"], ["127.0.0.2"])
    with server(answer) as (port, connected), client(resolver, allowed=is_first) as http:
        assert http.post(f"http://rebinding.example:{port}/", BODY).status == 200
        with pytest.raises(NotSentError, match="not on the public internet"):
            http.post(f"http://rebinding.example:{port}/", BODY)
        assert len(connected) == 1
    assert resolver.asked == ["rebinding.example"] * 2, "one look-up for each request, and none between check and use"


def test_the_address_that_was_checked_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that gives the system another answer than it gave the check changes nothing: it is not asked again."""

    def nobody(*_: object, **__: object) -> None:
        raise AssertionError("the name was looked up again")

    real = socket.getaddrinfo

    def only_numbers(host: str, *rest: Any, **named: Any) -> Any:
        return nobody() if host == "checked.example" else real(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", only_numbers)
    with server(answer) as (port, connected), client(Resolver(["127.0.0.1"]), allowed=is_first) as http:
        assert http.post(f"http://checked.example:{port}/", BODY).status == 200
        assert len(connected) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:{}/", "http://localhost:{}/", "http://2130706433:{}/"])
def test_the_systems_resolver_and_odd_spellings_lead_nowhere_either(url: str) -> None:
    with server(answer) as (port, connected), client(network.resolve) as http:
        with pytest.raises(NotSentError):
            http.post(url.format(port), BODY)
        assert connected == []


def test_allowed_for_development_it_connects() -> None:
    with server(answer) as (port, _), client(network.resolve, allowed=network.anywhere) as http:
        assert http.post(f"http://127.0.0.1:{port}/", BODY).body == b"ok"


def test_over_tls_the_certificate_must_be_the_names_not_the_addresss(tmp_path: Path) -> None:
    shown, trusted = tls_for("shop.example", tmp_path)

    def encrypted(connection: socket.socket) -> None:
        with shown.wrap_socket(connection, server_side=True) as secured:
            answer(secured)

    def ask(name: str, port: int) -> int:
        transport = GuardedTransport(
            5.0, is_allowed=network.anywhere, resolver=Resolver(["127.0.0.1"]), certificates=trusted
        )
        with HttpClient(transport=transport) as http:
            return http.post(f"https://{name}:{port}/", BODY).status

    with server(encrypted) as (port, _):
        assert ask("shop.example", port) == 200
        with pytest.raises(NotSentError, match="certificate"):
            ask("other.example", port)


def test_a_redirect_is_an_answer_like_any_other() -> None:
    def redirect(connection: socket.socket) -> None:
        take(connection)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")

    resolver = Resolver(["127.0.0.1"])
    with server(redirect) as (port, connected), client(resolver, allowed=network.anywhere) as http:
        assert http.post(f"http://shop.example:{port}/", BODY).status == 302
        assert len(connected) == 1
    assert resolver.asked == ["shop.example"]


def test_no_more_is_read_than_is_of_use() -> None:
    def flood(connection: socket.socket) -> None:
        take(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65_536)

    with server(flood) as (port, _), client(Resolver(["127.0.0.1"]), allowed=network.anywhere) as http:
        answered = http.post(f"http://flood.example:{port}/", BODY)
    assert (answered.status, len(answered.body)) == (200, 1000)


@pytest.mark.parametrize("drip", [b"H", b"HTTP/1.1 200 OK\r\nX: "])
def test_who_answers_a_byte_at_a_time_is_left(drip: bytes) -> None:
    def dripping(connection: socket.socket) -> None:
        take(connection)
        connection.sendall(drip)
        while True:
            time.sleep(0.1)
            connection.sendall(b"x")

    with server(dripping) as (port, _), client(Resolver(["127.0.0.1"]), 0.6, allowed=network.anywhere) as http:
        began = time.monotonic()
        with pytest.raises(NoAnswerError):
            http.post(f"http://drip.example:{port}/", BODY)
        assert time.monotonic() - began < 2


def test_a_status_counts_though_its_body_never_ends() -> None:
    def endless(connection: socket.socket) -> None:
        take(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        while True:
            time.sleep(0.1)
            connection.sendall(b"x")

    with server(endless) as (port, _), client(Resolver(["127.0.0.1"]), 0.6, allowed=network.anywhere) as http:
        assert http.post(f"http://endless.example:{port}/", BODY).status == 200


def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    let_go = threading.Event()

    def hanging(_host: str, _port: int) -> Sequence[str]:
        let_go.wait(10)
        return []

    with client(hanging, 0.3) as http:
        began = time.monotonic()
        with pytest.raises(NotSentError):
            http.post("http://hanging.example/", BODY)
        assert time.monotonic() - began < 2
    let_go.set()

"""Bodies are read in turn, and to their end or not at all."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from werkzeug.exceptions import RequestEntityTooLarge, RequestTimeout

from foundation.errors import OverloadedError
from storefront.gate import bodies
from storefront.gate.bodies import PatientBody, Sender, Turns, allow_body, guard_body

ANN = Sender("10.0.0.1", "192.0.2.1")
BOB = Sender("10.0.0.1", "192.0.2.2")


class Wire:
    """What a server hands on: it has no length and can't go back."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.is_waiting = threading.Event()

    def read(self, size: int = -1) -> bytes:
        self.is_waiting.set()
        assert self.may_go_on.wait(10)
        return self._content.read(size)


def body(wire: Wire, largest: int = 100, turns: Turns | None = None, sender: Sender = ANN) -> PatientBody:
    return PatientBody(wire, largest, sender, turns or Turns())  # type: ignore[arg-type]


@contextmanager
def dribbling(turns: Turns, sender: Sender) -> Iterator[None]:
    """Somebody whose body is being waited for."""
    slow = Wire(b"x")
    slow.may_go_on.clear()
    reading = threading.Thread(target=body(slow, turns=turns, sender=sender).read, args=(1,))
    reading.start()
    try:
        assert slow.is_waiting.wait(10)
        yield
    finally:
        slow.may_go_on.set()
        reading.join()


def test_it_is_read_whole() -> None:
    assert body(Wire(b"x" * 100)).readall() == b"x" * 100
    assert body(Wire(b"")).readall() == b""


def test_what_is_larger_is_refused_and_not_cut() -> None:
    with pytest.raises(RequestEntityTooLarge):
        body(Wire(b"x" * 101)).read(100)


@pytest.mark.parametrize("size", [-1, 4, 100])
def test_what_breaks_off_is_not_taken_for_the_whole(size: int) -> None:
    """A statement's last amount could lose its last digits."""

    def read(content: bytes) -> bytes:
        environ: dict[str, Any] = {"wsgi.input": Wire(content), "CONTENT_LENGTH": "9"}
        guard_body(environ)
        return b"".join(iter(lambda: environ["wsgi.input"].read(size), b""))

    assert read(b"9.50,1.25") == b"9.50,1.25"
    with pytest.raises(RequestTimeout, match="broke off"):
        read(b"9.50,1")


def test_a_statement_may_be_longer() -> None:
    environ = {"wsgi.input": Wire(b"x" * 2_000_000), "CONTENT_LENGTH": "2000000", "REMOTE_ADDR": ANN.client}
    guard_body(environ)
    allow_body(environ, 2_000_000)
    assert len(environ["wsgi.input"].read(3_000_000)) == 2_000_000  # type: ignore[attr-defined]


def test_who_dribbles_holds_a_turn_and_the_next_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "TURN_SECONDS", 0.05)
    turns = Turns(most=1)
    with dribbling(turns, ANN):
        with pytest.raises(OverloadedError) as refused:
            body(Wire(b"y"), turns=turns, sender=BOB).read(1)
        assert refused.value.retry_after == 5
    assert body(Wire(b"y"), turns=turns, sender=BOB).read(1) == b"y"


def test_one_client_does_not_hold_all_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "TURN_SECONDS", 0.05)
    turns = Turns(most=3, most_per_address=2)
    with dribbling(turns, ANN), dribbling(turns, ANN):
        with pytest.raises(OverloadedError):
            body(Wire(b"y"), turns=turns).read(1)
        assert body(Wire(b"y"), turns=turns, sender=BOB).read(1) == b"y"
    assert body(Wire(b"y"), turns=turns).read(1) == b"y"


def test_a_turn_that_is_given_back_goes_to_whoever_waits_for_it() -> None:
    turns, got = Turns(most=1), list[bytes]()
    with dribbling(turns, ANN):
        waiting = threading.Thread(target=lambda: got.append(body(Wire(b"y"), turns=turns, sender=BOB).read(1)))
        waiting.start()
    waiting.join(10)
    assert got == [b"y"]


@pytest.mark.parametrize(
    ("headers", "is_guarded"),
    [
        ({"CONTENT_LENGTH": "5"}, True),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, True),
        ({"CONTENT_LENGTH": "0"}, False),
        ({"CONTENT_LENGTH": ""}, False),
        ({}, False),
    ],
)
def test_only_bodies_wait(headers: dict[str, str], is_guarded: bool) -> None:  # noqa: FBT001  a parameter of the test
    wire = Wire(b"hello")
    environ = {"wsgi.input": wire, **headers}
    guard_body(environ)
    assert (environ["wsgi.input"] is not wire) == is_guarded

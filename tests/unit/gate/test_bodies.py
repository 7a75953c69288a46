"""Bodies are read in turn, and to their end or not at all."""

import io
import threading

import pytest
from werkzeug.exceptions import RequestEntityTooLarge

from foundation.errors import OverloadedError
from storefront.gate import bodies
from storefront.gate.bodies import PatientBody, guard_body


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


def body(wire: Wire, largest: int = 100, turns: threading.Semaphore | None = None) -> PatientBody:
    return PatientBody(wire, largest, turns or threading.BoundedSemaphore(1))  # type: ignore[arg-type]


def test_it_is_read_whole() -> None:
    assert body(Wire(b"x" * 100)).readall() == b"x" * 100
    assert body(Wire(b"")).readall() == b""


def test_what_is_larger_is_refused_and_not_cut() -> None:
    with pytest.raises(RequestEntityTooLarge):
        body(Wire(b"x" * 101)).read(100)


def test_who_dribbles_holds_a_turn_and_the_next_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "TURN_SECONDS", 0.05)
    turns, slow = threading.BoundedSemaphore(1), Wire(b"x")
    slow.may_go_on.clear()
    reading = threading.Thread(target=body(slow, turns=turns).read, args=(1,))
    reading.start()
    try:
        assert slow.is_waiting.wait(10)
        with pytest.raises(OverloadedError) as refused:
            body(Wire(b"y"), turns=turns).read(1)
        assert refused.value.retry_after == 5
    finally:
        slow.may_go_on.set()
        reading.join()
    assert body(Wire(b"y"), turns=turns).read(1) == b"y"


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

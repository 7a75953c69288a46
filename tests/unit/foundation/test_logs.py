"""Logs: whatever a line is made of, no key, secret, link or address gets through."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from foundation.logs import configure_logs, get_logger, redact
from tests.logging_state import LoggingState

SECRETS = {
    "goody": ("goody_token_commerce_4f2aB9_x", "4f2aB9"),
    "svix": ("whsec_c2VjcmV0+c2Vj/cmV0LQ==", "c2VjcmV0"),
    "publishable": ("pk_0123456789abcdefghij0123456789abcdefghij", "cdefghij"),
    "secret": ("sk_0123456789abcdefghij0123456789abcdefghij", "cdefghij"),
    "checkout": ("chk_4fk2_secret_9zyx8w", "9zyx8w"),
    "stream token": ("GET /v1/events/stream?token=gAAAAABpK-x_Zq3vQ0pN8r7sT1uV2wX3yZ4==", "Zq3vQ0pN8r7s"),
    "bearer": ("Authorization: Bearer eyJhbGciOi.J9.x-y_z", "eyJhbGciOi"),
    "customer token": ("token eyJhbGciOi.eyJzdWIi.x-y_z", "eyJzdWIi"),
    "phone": ("+12025550143", "2025550143"),
    "email": ("li.wei+gift@example.co.uk", "li.wei"),
    "gift link": ("https://www.ongoody.com/gift/AbC-123_x", "AbC-123"),
    "payment link": ("https://www.ongoody.com/checkout?key=AbC-123_x", "AbC-123"),
}
each_secret = pytest.mark.parametrize(("text", "hidden"), SECRETS.values(), ids=SECRETS)

only_json = pytest.mark.parametrize("log_format", ["json"], indirect=True)

Read = Callable[[], str]


@pytest.fixture(params=["json", "console"])
def log_format(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def lines(log_format: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Read]:
    """Everything that was logged, as it would stand on stderr."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    before = LoggingState.now()
    configured = structlog.get_config()
    structlog.configure(cache_logger_on_first_use=False)
    configure_logs(log_format, "INFO")
    yield written.getvalue
    structlog.configure(**configured)
    structlog.contextvars.clear_contextvars()
    before.restore()


@dataclass
class Holder:
    what: str


def fail(error: Exception) -> None:
    raise error from KeyError(str(error))


@each_secret
def test_a_text_is_redacted_and_the_rest_of_it_kept(text: str, hidden: str) -> None:
    redacted = redact(f"before {text} after")
    assert hidden not in redacted
    assert redacted.startswith("before ")
    assert redacted.endswith(" after")


def test_what_is_no_secret_stays() -> None:
    plain = "order ob_1 of app_2 at https://api.ongoody.com/v1/orders/7 took 3 s; task_manager sk_short chk_4fk2"
    assert redact(plain) == plain


@each_secret
@pytest.mark.parametrize(
    "wrap",
    [str, lambda text: [text], lambda text: {"a": {"b": (text,)}}, lambda text: {text}, str.encode, Holder, ValueError],
    ids=["str", "list", "dict", "set", "bytes", "object", "exception"],
)
def test_no_value_of_any_type_shows_it(lines: Read, text: str, hidden: str, wrap: Callable[[str], object]) -> None:
    get_logger("test").info("something happened", value=wrap(text), count=3)
    assert hidden not in lines()
    assert "something happened" in lines()


@each_secret
def test_neither_event_nor_exception_nor_foreign_line_shows_it(lines: Read, text: str, hidden: str) -> None:
    get_logger("test").warning(f"it says {text}")
    try:
        fail(RuntimeError(f"refused {text}"))
    except RuntimeError:
        get_logger("test").exception("it failed")
        logging.getLogger("library").exception("library said %s", text)
    logging.getLogger("library").info("library asked %s of %r", text, {"x": [text]})
    assert hidden not in lines()
    assert "RuntimeError" in lines()
    assert "library asked" in lines()


@only_json
def test_json_lines_can_be_parsed_and_carry_what_was_bound(lines: Read) -> None:
    structlog.contextvars.bind_contextvars(request_id="req_1")
    get_logger("shop").info("two\nlines", count=3, ratio=0.5, done=True, nothing=None)
    logging.getLogger("library").warning("50%% of %s", "é\u2028")
    ours, theirs = (json.loads(line) for line in lines().splitlines())
    assert ours.pop("timestamp").endswith("Z")
    assert ours == {
        "event": "two\nlines",
        "count": 3,
        "ratio": 0.5,
        "done": True,
        "nothing": None,
        "request_id": "req_1",
        "logger": "shop",
        "level": "info",
    }
    assert (theirs["event"], theirs["logger"], theirs["request_id"]) == ("50% of é\u2028", "library", "req_1")


@only_json
def test_an_exception_is_one_json_line(lines: Read) -> None:
    try:
        fail(ValueError("of a kind"))
    except ValueError:
        get_logger("shop").exception("it failed")
    (line,) = lines().splitlines()
    shown: dict[str, Any] = json.loads(line)
    assert "Traceback" in shown["exception"]
    assert "ValueError: of a kind" in shown["exception"]


def test_the_level_holds_and_chatty_libraries_are_quiet(lines: Read) -> None:
    get_logger("shop").debug("a detail")
    for library in ("httpx", "httpcore", "alembic.runtime.migration"):
        logging.getLogger(library).info("chatter")
    assert lines() == ""
    logging.getLogger("alembic.runtime.migration").warning("a warning")
    assert "a warning" in lines()

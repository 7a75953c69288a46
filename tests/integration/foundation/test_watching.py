"""The watch over the database: what another process commits rings at once, and nothing else does."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from foundation import events
from foundation.database import Sessions
from foundation.jobs import Bell
from foundation.watching import EVENTS, Mark, Watch

from .conftest import NewApp

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Counted(Bell):
    """A bell that counts its rings."""

    def __init__(self) -> None:
        super().__init__()
        self.rings = 0

    def ring(self) -> None:
        self.rings += 1
        super().ring()


@pytest.fixture
def other_process(database_url: str) -> Iterator[Sessions]:
    sessions = Sessions(database_url)
    yield sessions
    sessions.dispose()


def happen(sessions: Sessions, app_id: str) -> None:
    with sessions.begin() as session:
        events.append(session, app_id, "order.paid", "one", NOW)


def test_a_look_rings_for_what_has_grown(sessions: Sessions, other_process: Sessions, new_app: NewApp) -> None:
    app_id = new_app("one")
    events_bell, other_bell = Counted(), Counted()
    watch = Watch(sessions, [Mark(EVENTS, events_bell), Mark("SELECT max(id) FROM webhook_messages", other_bell)])
    watch.look()
    for expected in (1, 2):
        happen(other_process, app_id)
        watch.look()
        watch.look()
        assert (events_bell.rings, other_bell.rings) == (expected, 0)


def test_it_wakes_who_waits(sessions: Sessions, other_process: Sessions, new_app: NewApp) -> None:
    app_id, bell, woken = new_app("one"), Bell(), threading.Event()
    watch = Watch(sessions, [Mark(EVENTS, bell)])
    watch.start()

    def wait() -> None:
        bell.wait(30)
        woken.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    happen(other_process, app_id)
    assert woken.wait(10)
    waiting.join()
    watch.stop()

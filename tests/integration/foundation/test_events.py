"""The event log: one gapless sequence per app, and no event without its change."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from foundation import events
from foundation.database import Sessions
from foundation.events import Event
from foundation.leases import Lease

from .conftest import NewApp

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class GaveUpError(Exception):
    """Raised to roll back."""


def log_of(sessions: Sessions, app_id: str) -> list[Event]:
    with sessions.read() as session:
        return events.read_after(session, app_id, 0, 10_000)


def write(sessions: Sessions, app_id: str, *subjects: str, fails: bool = False) -> None:
    with sessions.begin() as session:
        for subject in subjects:
            session.add(Lease(name=subject, holder=app_id, held_until=NOW))
            events.append(session, app_id, "order.created", subject, NOW, {"of": subject})
        if fails:
            raise GaveUpError


def test_an_event_is_kept_as_it_was_appended(sessions: Sessions, new_app: NewApp) -> None:
    app_id = new_app("one")
    write(sessions, app_id, "a", "b")
    first, second = log_of(sessions, app_id)
    assert (first.sequence, first.type, first.subject, first.changes) == (1, "order.created", "a", {"of": "a"})
    assert (second.sequence, second.subject, second.timestamp) == (2, "b", NOW)
    assert first.id.startswith("evt_")
    assert first.id != second.id


def test_a_transaction_that_fails_appends_nothing_and_takes_no_number(sessions: Sessions, new_app: NewApp) -> None:
    app_id = new_app("one")
    with pytest.raises(GaveUpError):
        write(sessions, app_id, "a", fails=True)
    assert log_of(sessions, app_id) == []
    write(sessions, app_id, "b")
    assert [(event.sequence, event.subject) for event in log_of(sessions, app_id)] == [(1, "b")]


def test_a_commit_that_fails_takes_the_events_with_it(sessions: Sessions, new_app: NewApp) -> None:
    app_id = new_app("one")
    with pytest.raises(sa.exc.IntegrityError):
        write(sessions, app_id, "same", "same")
    assert log_of(sessions, app_id) == []


def test_an_event_of_no_app_fails_the_change_too(sessions: Sessions) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        write(sessions, "app_none", "a")
    with sessions.read() as session:
        assert session.scalars(sa.select(Lease.name)).all() == []


def test_a_read_after_a_number_is_what_came_later_oldest_first(sessions: Sessions, new_app: NewApp) -> None:
    app_id = new_app("one")
    write(sessions, app_id, *"abcdef")
    with sessions.read() as session:
        assert [event.subject for event in events.read_after(session, app_id, 2, 3)] == ["c", "d", "e"]
        assert events.read_after(session, app_id, 6, 3) == []


def test_apps_count_independently(sessions: Sessions, new_app: NewApp) -> None:
    one, two = new_app("one"), new_app("two")
    with sessions.begin() as session:
        for app_id, subject in ((two, "a"), (one, "b"), (two, "c")):
            events.append(session, app_id, "x", subject, NOW)
    write(sessions, one, "d")
    assert [(event.sequence, event.subject) for event in log_of(sessions, one)] == [(1, "b"), (2, "d")]
    assert [(event.sequence, event.subject) for event in log_of(sessions, two)] == [(1, "a"), (2, "c")]


def test_eight_threads_with_random_failures_leave_no_gap(sessions: Sessions, new_app: NewApp) -> None:
    app_ids = [new_app("one"), new_app("two")]
    dice = random.Random(7)  # noqa: S311  a test's
    plans = [(number, dice.choice(app_ids), dice.randint(1, 3), dice.random() < 0.4) for number in range(160)]

    def act(plan: tuple[int, str, int, bool]) -> None:
        number, app_id, count, fails = plan
        try:
            write(sessions, app_id, *(f"{number}.{part}" for part in range(count)), fails=fails)
        except GaveUpError:
            assert fails

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, plans))

    for app_id in app_ids:
        log = log_of(sessions, app_id)
        kept = {f"{n}.{part}" for n, app, count, fails in plans if app == app_id and not fails for part in range(count)}
        assert [event.sequence for event in log] == list(range(1, len(kept) + 1))
        assert {event.subject for event in log} == kept
        # What one transaction appended stands together, in its order.
        by_number: dict[str, list[int]] = {}
        for event in log:
            by_number.setdefault(event.subject.partition(".")[0], []).append(event.sequence)
        assert all(seq == list(range(seq[0], seq[0] + len(seq))) for seq in by_number.values())
        with sessions.read() as session:
            assert set(session.scalars(sa.select(Lease.name).where(Lease.holder == app_id))) == kept

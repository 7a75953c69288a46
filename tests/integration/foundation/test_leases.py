"""Leases: one holder at a time, and a dead one's lease runs out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from foundation import leases
from foundation.database import Sessions
from foundation.leases import Lease

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def take(sessions: Sessions, holder: str, at: float = 0, seconds: float = 30, name: str = "job") -> bool:
    with sessions.begin() as session:
        return leases.take(session, name, holder, NOW + timedelta(seconds=at), seconds)


def release(sessions: Sessions, holder: str, name: str = "job") -> None:
    with sessions.begin() as session:
        leases.release(session, name, holder)


def held(sessions: Sessions) -> list[tuple[str, float]]:
    with sessions.read() as session:
        rows = session.execute(sa.select(Lease.holder, Lease.held_until)).all()
    return [(holder, (until - NOW).total_seconds()) for holder, until in rows]


def test_a_free_lease_is_taken(sessions: Sessions) -> None:
    assert take(sessions, "a")
    assert held(sessions) == [("a", 30)]


def test_the_holder_extends_its_own(sessions: Sessions) -> None:
    take(sessions, "a")
    assert take(sessions, "a", at=20)
    assert held(sessions) == [("a", 50)]


def test_another_is_refused_until_it_has_run_out(sessions: Sessions) -> None:
    take(sessions, "a")
    assert not take(sessions, "b", at=29.999)
    assert not take(sessions, "b", at=30)
    assert held(sessions) == [("a", 30)]
    assert take(sessions, "b", at=30.001)
    assert not take(sessions, "a", at=31)


def test_what_was_given_back_is_free_at_once(sessions: Sessions) -> None:
    take(sessions, "a")
    release(sessions, "a")
    assert held(sessions) == []
    assert take(sessions, "b", at=1)


def test_nobody_gives_back_what_is_anothers(sessions: Sessions) -> None:
    take(sessions, "a")
    release(sessions, "b")
    assert held(sessions) == [("a", 30)]


def test_names_are_independent(sessions: Sessions) -> None:
    assert take(sessions, "a", name="one")
    assert take(sessions, "b", name="two")
    release(sessions, "a", name="two")
    assert len(held(sessions)) == 2


def test_of_many_that_try_at_once_one_wins_free_or_run_out(sessions: Sessions) -> None:
    for at in (0, 31):
        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(lambda number, at=at: take(sessions, f"{at}-{number}", at=at), range(8)))
        assert won.count(True) == 1
        assert held(sessions) == [(f"{at}-{won.index(True)}", at + 30)]


def test_a_lease_taken_in_a_transaction_that_fails_is_not_held(sessions: Sessions) -> None:
    def fail() -> None:
        with sessions.begin() as session:
            assert leases.take(session, "job", "a", NOW, 30)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert held(sessions) == []


def test_an_extended_lease_is_held_for_longer_and_a_lost_one_is_not_extended(sessions: Sessions) -> None:
    take(sessions, "a")
    with sessions.begin() as session:
        assert leases.extend(session, "job", "a", NOW + timedelta(seconds=20), 30)
    assert held(sessions) == [("a", 50)]
    take(sessions, "b", at=51)
    release(sessions, "b")
    with sessions.begin() as session:
        assert not leases.extend(session, "job", "a", NOW, 30)
        assert not leases.hold(session, "job", "a")
    assert held(sessions) == []


def test_nobody_takes_a_lease_that_ran_out_while_its_holder_writes(sessions: Sessions) -> None:
    take(sessions, "a")
    with ThreadPoolExecutor(1) as pool:
        with sessions.begin() as session:
            assert leases.hold(session, "job", "a")
            taken = pool.submit(take, sessions, "b", at=31)
            with pytest.raises(TimeoutError):
                taken.result(0.3)
        assert taken.result(10)
    with sessions.begin() as session:
        assert not leases.hold(session, "job", "a")


def test_transactions_of_one_holder_do_not_wait_for_each_other(sessions: Sessions) -> None:
    if sessions.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    take(sessions, "a")
    with sessions.begin() as session, sessions.begin() as beside:
        assert leases.hold(session, "job", "a")
        assert leases.hold(beside, "job", "a")

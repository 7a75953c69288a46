"""Moving on to a new generation: it is prepared first, and readers go on with the one before as long."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from catalog_sync.browsing import products
from catalog_sync.browsing.catalog import Catalog, ProductQuery, Sort
from catalog_sync.browsing.served import RECENT_SECONDS, ServedGenerations
from catalog_sync.curation.model import Curation, Rule
from foundation.database import Sessions

from .publishing_stage import PublishingStage
from .supplier import SteppingClock, product

MOST = 0.25


@pytest.fixture
def stage(sessions: Sessions, app_id: str, clock: SteppingClock) -> PublishingStage:
    stage = PublishingStage(sessions, app_id, clock)
    stage.supply([product(number) for number in range(1, 5)])
    stage.publish()
    return stage


class Timer:
    """Seconds that pass as a test says."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Preparation:
    """Lasts until it is let go on; may fail then."""

    def __init__(self, error: Exception | None = None) -> None:
        self.begun: list[int] = []
        self.may_end = threading.Event()
        self._error = error

    def __call__(self, _app_id: str, generation: int) -> None:
        self.begun.append(generation)
        assert self.may_end.wait(10)
        if self._error is not None:
            raise self._error


@pytest.fixture
def timer() -> Timer:
    return Timer()


def another(stage: PublishingStage, tag: str) -> None:
    stage.publish(Curation(rules=(Rule("tags", {"always": True}, tags=(tag,)),)))


def soon(holds: Callable[[], bool]) -> bool:
    """Whether it holds before long; whatever runs in the background may take a moment."""
    waiting = threading.Event()
    return any(holds() or waiting.wait(0.01) for _ in range(500))


def test_readers_stay_with_the_one_before_until_the_new_one_is_ready(
    stage: PublishingStage, sessions: Sessions, timer: Timer
) -> None:
    served, preparation = ServedGenerations(sessions, MOST, timer), Preparation()
    served.prepare_with(preparation)
    assert served.of(stage.app_id) == 1
    another(stage, "new")
    assert served.of(stage.app_id) == 1, "it is not asked again yet"
    timer.now += MOST
    assert [served.of(stage.app_id) for _ in range(3)] == [1, 1, 1]
    assert soon(lambda: preparation.begun == [2])
    preparation.may_end.set()
    assert soon(lambda: served.of(stage.app_id) == 2)
    timer.now += MOST
    assert served.of(stage.app_id) == 2
    assert preparation.begun == [2]


def test_what_takes_too_long_is_not_waited_for(stage: PublishingStage, sessions: Sessions, timer: Timer) -> None:
    served, preparation = ServedGenerations(sessions, MOST, timer), Preparation()
    served.prepare_with(preparation)
    served.of(stage.app_id)
    another(stage, "new")
    timer.now += MOST
    assert served.of(stage.app_id) == 1
    timer.now += MOST
    assert served.of(stage.app_id) == 2
    another(stage, "newer")
    timer.now += MOST
    assert served.of(stage.app_id) == 2
    preparation.may_end.set()
    assert soon(lambda: served.of(stage.app_id) == 3), "the end of the first preparation does not turn anything back"


def test_a_preparation_that_fails_keeps_nobody_from_it(
    stage: PublishingStage, sessions: Sessions, timer: Timer
) -> None:
    served, preparation = ServedGenerations(sessions, MOST, timer), Preparation(RuntimeError("no"))
    preparation.may_end.set()
    served.prepare_with(preparation)
    served.of(stage.app_id)
    another(stage, "new")
    timer.now += MOST
    served.of(stage.app_id)
    assert soon(lambda: served.of(stage.app_id) == 2)


def test_what_was_read_long_ago_may_be_gone_and_is_not_served_again(
    stage: PublishingStage, sessions: Sessions, timer: Timer
) -> None:
    served, preparation = ServedGenerations(sessions, MOST, timer), Preparation()
    served.prepare_with(preparation)
    served.of(stage.app_id)
    another(stage, "new")
    timer.now += MOST + RECENT_SECONDS + 1
    assert served.of(stage.app_id) == 2
    assert preparation.begun == []


def test_who_was_told_of_it_gets_it_at_once_and_ready(stage: PublishingStage, sessions: Sessions, timer: Timer) -> None:
    served, preparation = ServedGenerations(sessions, MOST, timer), Preparation()
    preparation.may_end.set()
    served.prepare_with(preparation)
    served.of(stage.app_id)
    another(stage, "new")
    served.renew(stage.app_id)
    assert (served.of(stage.app_id), preparation.begun) == (2, [2])
    served.renew(stage.app_id)
    assert preparation.begun == [2]


@contextmanager
def asked(sessions: Sessions) -> Iterator[list[str]]:
    """What the database is asked meanwhile, by any thread."""
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    sa.event.listen(sessions.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(sessions.engine, "before_cursor_execute", note)


def test_questions_that_were_asked_are_answered_ahead(
    stage: PublishingStage,
    sessions: Sessions,
    clock: SteppingClock,
    timer: Timer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Words of a search are looked up, and a filter's choice is made, before the first reader asks for them again."""
    monkeypatch.setattr(products, "PREPARING_SECONDS", 60)
    served = ServedGenerations(sessions, MOST, timer)
    catalog = Catalog(sessions, clock, served)
    queries = (ProductQuery(q="product"), ProductQuery(price_min=1002, sort=Sort.PRICE))
    before = [catalog.products(stage.app_id, query).documents for query in queries]
    another(stage, "new")
    served.renew(stage.app_id)
    with asked(sessions) as statements:
        pages = [catalog.products(stage.app_id, query) for query in queries]
    assert statements == []
    assert [page.generation for page in pages] == [2, 2]
    assert [len(page.documents) for page in pages] == [len(documents) for documents in before]
    assert all(b'"tags":["new"]' in document for page in pages for document in page.documents)

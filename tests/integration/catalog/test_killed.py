"""A sync killed with SIGKILL wherever it happens to be: the catalog stays whole, and the next run simply works."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import msgspec
import pytest
import sqlalchemy as sa

from catalog_sync.index import decode
from catalog_sync.runs import LEASE_SECONDS, RunStatus
from catalog_sync.tables import Listing, PublishedCatalog, PublishedIndex, StagedItem, SyncRunRow
from foundation.database import Sessions
from foundation.goody.client import GoodyClient, connect
from foundation.goody.resources import Product
from foundation.ids import new_token
from tests.shop import Goody

from .conftest import Database

KILLS = 20
Prices = dict[str, int]


@pytest.fixture
def goody(goody_url: str) -> Iterator[Goody]:
    goody = Goody(goody_url, f"goody_token_commerce_{new_token()}")
    yield goody
    goody.close()


@pytest.fixture
def client(goody: Goody) -> Iterator[GoodyClient]:
    with connect(goody.base_url, goody.key) as client:
        yield client


class Syncs:
    """Runs of a real process, one after the other; each begins when the lease of the one before has run out."""

    def __init__(self, sessions: Sessions, goody: Goody) -> None:
        url = sessions.engine.url.render_as_string(hide_password=False)
        program = (sys.executable, "-m", "tests.integration.catalog.killing", url, goody.base_url, goody.key)
        self._process = subprocess.Popen(  # noqa: S603  our own program
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._begun = 0

    def run(self, kill_after: float | None = None) -> int:
        """How it ended: 0, or minus the signal."""
        assert self._process.stdin is not None
        self._begun += 1
        self._process.stdin.write(f"{self._begun * 2 * LEASE_SECONDS}\n")
        self._process.stdin.flush()
        child = self._line()
        if kill_after is not None:
            time.sleep(kill_after)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        return self._line()

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def _line(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


@pytest.fixture
def syncs(sessions: Sessions, goody: Goody) -> Iterator[Syncs]:
    syncs = Syncs(sessions, goody)
    yield syncs
    syncs.close()


def sold(client: GoodyClient) -> Prices:
    """What Goody sells just now, with its prices."""
    gifts = [sent.value.product for sent in client.collections().items if sent.value.product is not None]
    return {product.id: product.price for product in (*products(client), *gifts)}


def products(client: GoodyClient) -> list[Product]:
    return [sent.value for page in (1, 2, 3) for sent in client.products(page).items]


def served(sessions: Sessions) -> Prices:
    """What the generation being served says in its rows, its documents and its index, which agree."""
    with sessions.read() as session:
        generation = session.scalar(sa.select(PublishedCatalog.generation)) or 0
        there = sa.and_(Listing.valid_from <= generation, Listing.valid_to > generation)
        rows = session.execute(sa.select(Listing.id, Listing.price, Listing.document).where(there)).all()
        index = session.get(PublishedIndex, ("app_one", generation))
    assert all(msgspec.json.decode(row.document)["price"] == row.price for row in rows)
    assert (index is None) == (generation == 0)
    assert index is None or sorted(decode(index.body).ids) == sorted(row.id for row in rows)
    return {row.id: row.price for row in rows}


def stir(goody: Goody, client: GoodyClient, dice: random.Random) -> None:
    """Let something come, change and go at Goody."""
    repriced, removed = dice.sample([each for each in products(client) if not each.price_is_variable], 2)
    changes = [
        {"action": "reprice", "product_id": repriced.id, "price": repriced.price + 100},
        {"action": "remove", "product_id": removed.id},
        {"action": "add", "brand_id": removed.brand.id},
    ]
    goody.control("POST", "catalog/changes", {"changes": changes})


def test_killed_twenty_times_the_catalog_is_whole_each_time(
    syncs: Syncs, goody: Goody, client: GoodyClient, sessions: Sessions, database: Database
) -> None:
    seed = random.randrange(10**9)  # noqa: S311  no secret
    print(f"seed {seed}")  # noqa: T201  shown when it fails
    dice = random.Random(seed)  # noqa: S311  no secret
    outcomes: Counter[int] = Counter()
    before: Prices = {}
    longest = 1.5
    while outcomes[-signal.SIGKILL] < KILLS:
        wanted = sold(client)
        began = time.monotonic()
        outcome = syncs.run(kill_after=dice.uniform(0, longest))
        outcomes[outcome] += 1
        now = served(sessions)
        assert now in (before, wanted), "neither what was served before nor what Goody sells"
        if outcome == 0:
            assert now == wanted
            # A run that was killed sooner than this was killed at work.
            longest = time.monotonic() - began
        if now == wanted:
            stir(goody, client, dice)
        before = now
    wanted = sold(client)
    assert syncs.run() == 0
    assert served(sessions) == wanted
    assert database.rows(StagedItem) == []
    statuses = Counter(status for _id, _app, status, *_rest in database.rows(SyncRunRow))
    # One killed at its very beginning left no record, one killed at its very end a good one.
    assert set(statuses) == {RunStatus.FAILED, RunStatus.SUCCEEDED}
    assert statuses.total() <= KILLS + outcomes[0] + 1

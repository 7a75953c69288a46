"""Against an emulated Goody that drifts, fails, loses and mangles pages: nothing is retired that is there."""

from collections.abc import Iterator

import pytest

from catalog_sync.crawling.brake import Limits
from catalog_sync.runs import RunStatus
from catalog_sync.sync import CatalogSync
from foundation.database import Sessions
from foundation.goody.client import GoodyClient, connect
from foundation.http import Retries
from foundation.ids import new_token
from tests.shop import Goody

from .conftest import Database
from .supplier import SteppingClock


@pytest.fixture
def goody(goody_url: str) -> Iterator[Goody]:
    """An account of its own at the emulated Goody, which lists some 200 products on two pages."""
    goody = Goody(goody_url, f"goody_token_commerce_{new_token()}")
    yield goody
    goody.close()


@pytest.fixture
def client(goody: Goody) -> Iterator[GoodyClient]:
    with connect(goody.base_url, goody.key, retries=Retries(first_delay=0.01)) as client:
        yield client


@pytest.fixture
def sync(sessions: Sessions, client: GoodyClient, clock: SteppingClock) -> CatalogSync:
    return CatalogSync(sessions, lambda _app_id: client, clock, limits=Limits(100, 1000, 100))


def listed(client: GoodyClient) -> set[str]:
    """What Goody sells just now: products and what stands for published gift collections."""
    products = {sent.value.id for page in (1, 2, 3) for sent in client.products(page).items}
    gifts = {sent.value.product.id for sent in client.collections().items if sent.value.product is not None}
    return products | gifts


@pytest.mark.parametrize("action", ["remove", "insert", "reorder", "reprice"])
def test_a_drifting_catalog_loses_nothing(
    sync: CatalogSync,
    goody: Goody,
    client: GoodyClient,
    database: Database,
    clock: SteppingClock,
    app_id: str,
    action: str,
) -> None:
    assert sync.run(app_id).status == RunStatus.SUCCEEDED
    before = listed(client)
    assert database.on_sale(app_id) == before
    clock.step(hours=1)
    goody.control("PUT", "catalog/drift", {"action": action, "count": 3})
    run = sync.run(app_id)
    goody.control("DELETE", "catalog/drift")
    assert run.status == (RunStatus.SUCCEEDED if action == "reprice" else RunStatus.INCOMPLETE), run
    assert run.counts.readings == (1 if action == "reprice" else 4)
    assert run.counts.retired == 0
    assert before & listed(client) <= database.on_sale(app_id)
    clock.step(hours=1)
    run = sync.run(app_id)
    assert run.status == RunStatus.SUCCEEDED
    assert database.on_sale(app_id) == listed(client)
    assert run.counts.retired == len(before - listed(client))


def test_a_catalog_that_settles_is_read_until_it_is_certain(
    sync: CatalogSync, goody: Goody, client: GoodyClient, database: Database, clock: SteppingClock, app_id: str
) -> None:
    sync.run(app_id)
    clock.step(hours=1)
    goody.control("PUT", "catalog/drift", {"action": "remove", "count": 2, "times": 1})
    run = sync.run(app_id)
    # Twice to see that it drifted, and once more to prove what is gone.
    assert (run.status, run.counts.readings, run.counts.retired) == (RunStatus.SUCCEEDED, 3, 2)
    assert database.on_sale(app_id) == listed(client)


@pytest.mark.parametrize("kind", ["status", "lost_answer", "truncated", "malformed", "wrong_type", "reset_after"])
def test_pages_that_fail_are_lost_or_mangled_are_asked_for_again(
    sync: CatalogSync,
    goody: Goody,
    client: GoodyClient,
    database: Database,
    clock: SteppingClock,
    app_id: str,
    kind: str,
) -> None:
    sync.run(app_id)
    before = database.written()
    clock.step(hours=1)
    fault = {"kind": kind, "path": "/v1/products", **({"status": 503} if kind == "status" else {})}
    goody.fail(**fault, count=2)
    run = sync.run(app_id)
    assert (run.status, run.counts.retries, run.counts.changed) == (RunStatus.SUCCEEDED, 2, 0)
    clock.step(hours=1)
    goody.fail(**fault, count=1000)
    run = sync.run(app_id)
    goody.control("DELETE", "faults")
    assert run.status == RunStatus.FAILED
    assert run.error
    assert database.written() == before
    assert database.on_sale(app_id) == listed(client)

"""Previews against the snapshot, publishing versions, and going back to one."""

from functools import partial
from typing import Any, Final

import pytest
import sqlalchemy as sa

from catalog_sync import runs
from catalog_sync.curation import in_force
from catalog_sync.curation.desk import CurationDesk, open_desk
from catalog_sync.curation.drafts import DraftChangedError
from catalog_sync.curation.model import Curation
from catalog_sync.curation.reading import read_curation, read_override
from catalog_sync.tables import CurationVersion
from foundation.apart import Apart
from foundation.database import Sessions
from foundation.errors import ConflictError, NotFoundError
from foundation.leases import Lease
from foundation.logs import configure_logs
from tests.integration.catalog.supplier import SteppingClock, brand

from .conftest import Snapshot

EXCLUDED: Final = brand(9, commerce_revshare_excluded=True)


def curation(*rules: dict[str, Any], collections: tuple[dict[str, Any], ...] = ()) -> Curation:
    return read_curation({"rules": list(rules), "collections": list(collections)})


def test_a_preview_tells_what_enters_leaves_and_moves(desk: CurationDesk, snapshot: Snapshot) -> None:
    ids = [snapshot.put(number, price=1000 * number) for number in range(1, 5)]
    dear = snapshot.put(9, brand=EXCLUDED, price=90_000)
    snapshot.vanish(snapshot.put(7))
    snapshot.put(8, status="inactive")
    snapshot.open_catalog()
    no_first = {"name": "first", "when": {"product": [ids[0]]}, "action": "exclude"}
    cheap = {"handle": "cheap", "title": "Cheap", "when": {"price": {"max": 3000}}, "pins": ["gone"]}
    desk.drafts.replace("app_one", curation(no_first, collections=(cheap,)))
    desk.publishing.publish("app_one", "key_1")
    assert set(snapshot.published()) == {*ids[1:], dear}
    no_dear = {"name": "dear", "when": {"revenue_share_excluded": True}, "action": "exclude"}
    cheaper = {**cheap, "when": {"price": {"max": 2000}}, "sort": "-price"}
    new = {"handle": "new", "title": "New", "products": [ids[3], ids[2], dear]}
    desk.drafts.replace("app_one", curation(no_dear, collections=(cheaper, new)))
    told = desk.previews.preview("app_one")
    changes = told.effect
    assert changes.present == 5
    assert changes.entering.items == (ids[0],)
    assert changes.leaving.items == (dear,)
    assert {(each.product_id, each.joins, each.leaves) for each in changes.moving.items} == {
        (ids[2], ("new",), ("cheap",)),
        (ids[3], ("new",), ()),
    }
    assert changes.unmatched.total == 0
    assert (changes.before.share, changes.after.share) == (0.75, 1.0)
    assert changes.before.prices == (2000, 2750, 3500, 25_500, 90_000)
    assert changes.after.prices == (1000, 1750, 2500, 3250, 4000)
    cheap_effect, new_effect = changes.collections
    assert (cheap_effect.before, cheap_effect.after, cheap_effect.joining, cheap_effect.leaving) == (2, 2, 1, 1)
    assert cheap_effect.absent.items == ("gone",)
    assert (new_effect.before, new_effect.after, new_effect.absent.items) == (None, 2, (dear,))
    assert told.names[dear] == "Product 9"
    assert [version.number for version in desk.versions.find("app_one", 10)] == [1]


def test_what_computes_for_long_is_done_in_a_process_apart(
    sessions: Sessions, snapshot: Snapshot, clock: SteppingClock
) -> None:
    ids = [snapshot.put(number) for number in range(1, 4)]
    snapshot.open_catalog()
    apart = Apart(["catalog_sync.curation.desk"], partial(configure_logs, "console", "INFO"))
    desk = open_desk(sessions, clock, apart)
    desk.publishing.expect()
    revision = desk.drafts.replace(
        "app_one", curation({"name": "no", "when": {"product": [ids[0]]}, "action": "exclude"})
    )
    assert desk.previews.preview("app_one").effect.after.listed == 2
    published = desk.publishing.publish("app_one", "key_1", "why", revision.revision)
    assert (published.version.number, published.version.note) == (1, "why")
    assert published.publication is not None
    assert published.publication.entered == 2
    assert set(snapshot.published()) == set(ids[1:])
    with pytest.raises(DraftChangedError):
        desk.publishing.publish("app_one", "key_1", expected=revision.revision + 1)


def test_a_preview_of_nothing_has_no_share_and_no_prices(desk: CurationDesk) -> None:
    changes = desk.previews.preview("app_one").effect
    assert (changes.present, changes.after.share, changes.after.prices) == (0, None, None)


def test_reordering_is_told(desk: CurationDesk, snapshot: Snapshot, clock: SteppingClock) -> None:
    ids = []
    for number in range(4):
        ids.append(snapshot.put(number, price=100 - number))
        clock.step(seconds=1)
    snapshot.open_catalog()
    everything = {"handle": "all", "title": "All", "when": {"always": True}}
    desk.drafts.replace("app_one", curation(collections=(everything,)))
    desk.publishing.publish("app_one", "key_1")
    boost = {"name": "last", "when": {"product": [ids[3]]}, "boost": 1}
    desk.drafts.replace("app_one", curation(boost, collections=({**everything, "pins": [ids[0]]},)))
    changes = desk.previews.preview("app_one").effect
    assert changes.reordered == 4
    assert changes.collections[0].reordered == 3
    assert changes.moving.total == 0


def test_publishing_freezes_what_later_edits_do_not_touch(
    desk: CurationDesk, snapshot: Snapshot, sessions: Sessions
) -> None:
    product_id = snapshot.put(1, name="Theirs")
    snapshot.open_catalog()
    desk.overrides.put("app_one", product_id, read_override({"title": "Ours"}))
    published = desk.publishing.publish("app_one", "key_1", "Why")
    assert (published.version.number, published.version.note) == (1, "Why")
    assert published.publication is not None
    assert published.publication.entered == 1
    assert snapshot.published()[product_id]["name"] == "Ours"
    desk.overrides.put("app_one", product_id, read_override({"title": "Another"}))
    with sessions.read() as session:
        assert in_force.read(session, "app_one").overrides[product_id].override.title == "Ours"
        assert in_force.read(session, "app_two") == Curation()
    assert desk.publishing.publish("app_one", "key_1").version.number == 2
    assert snapshot.published()[product_id]["name"] == "Another"
    desk.versions.restore("app_one", 1)
    assert snapshot.published()[product_id]["name"] == "Another"
    assert desk.versions.compare("app_one", 1, None).is_empty
    desk.publishing.publish("app_one", "key_1")
    assert snapshot.published()[product_id]["name"] == "Ours"


def test_what_a_first_sync_left_that_was_cut_off_is_not_put_on_sale(desk: CurationDesk, snapshot: Snapshot) -> None:
    snapshot.put(1)
    with pytest.raises(ConflictError, match="Sync first"):
        desk.publishing.publish("app_one", "key_1")
    assert snapshot.published() == {}
    assert desk.versions.find("app_one", 10) == []
    snapshot.open_catalog()
    assert desk.publishing.publish("app_one", "key_1").version.number == 1


def test_before_the_first_sync_a_version_waits_for_it(desk: CurationDesk, snapshot: Snapshot) -> None:
    assert desk.publishing.publish("app_one", "key_1").publication is None
    assert snapshot.published() == {}
    assert desk.versions.find("app_one", 10)[0].number == 1


def test_a_publication_waits_for_no_sync_and_leaves_the_lease_free(
    desk: CurationDesk, snapshot: Snapshot, sessions: Sessions, clock: SteppingClock
) -> None:
    snapshot.open_catalog()
    with sessions.begin() as session:
        runs.take_lease(session, "app_one", "run_other", clock())
    with pytest.raises(ConflictError) as caught:
        desk.publishing.publish("app_one", "key_1")
    assert caught.value.retry_after
    assert desk.versions.find("app_one", 10) == []
    desk.publishing.publish("app_two", "key_1")
    with sessions.begin() as session:
        runs.release_lease(session, "app_one", "run_other")
    desk.publishing.publish("app_one", "key_1")
    with sessions.read() as session:
        assert session.scalars(sa.select(Lease.name)).all() == []


def test_what_a_killed_publication_left_is_shown_by_the_next(
    desk: CurationDesk, snapshot: Snapshot, sessions: Sessions, clock: SteppingClock
) -> None:
    product_id = snapshot.put(1, name="Theirs")
    snapshot.open_catalog()
    desk.overrides.put("app_one", product_id, read_override({"title": "Ours"}))
    with sessions.begin() as session:
        document = {"default": "include", "rules": [], "collections": [], "overrides": {}}
        session.add(CurationVersion(app_id="app_one", version=1, document=document, note=None,
                                    published_by="key_1", published_at=clock()))  # fmt: skip
        runs.take_lease(session, "app_one", "pub_killed", clock())
    clock.step(seconds=runs.LEASE_SECONDS + 1)
    assert desk.publishing.publish("app_one", "key_1").version.number == 2
    assert snapshot.published()[product_id]["name"] == "Ours"


def test_collections_are_published_as_they_were_arranged(desk: CurationDesk, snapshot: Snapshot) -> None:
    one, two = snapshot.put(1), snapshot.put(2)
    snapshot.open_catalog()
    manual = {"handle": "m", "title": "Manual", "products": [two, one], "image": "https://a.example/m.png"}
    desk.drafts.replace("app_one", curation(collections=(manual,)))
    desk.publishing.publish("app_one", "key_1")
    assert snapshot.collections()["m"]["title"] == "Manual"
    assert snapshot.collections()["m"]["image"] == "https://a.example/m.png"


def test_a_version_that_is_not_there_is_not_found(desk: CurationDesk) -> None:
    desk.publishing.publish("app_one", "key_1")
    for call in (desk.versions.get, desk.versions.restore):
        with pytest.raises(NotFoundError):
            call("app_two", 1)
    with pytest.raises(NotFoundError):
        desk.versions.compare("app_one", 1, 2)

"""Drafts and their overrides: revisions, races, what outlasts what, and what goes stale."""

import threading

import pytest

from catalog_sync.curation.desk import CurationDesk
from catalog_sync.curation.drafts import DraftChangedError
from catalog_sync.curation.model import Action, Curation
from catalog_sync.curation.reading import read_curation, read_file, read_override
from foundation.errors import InvalidInputError, NotFoundError
from tests.integration.catalog.supplier import SteppingClock, product

from .conftest import Snapshot

EXCLUDE = Curation(default=Action.EXCLUDE)


def test_a_draft_begins_empty_and_every_edit_raises_its_revision(desk: CurationDesk) -> None:
    assert desk.drafts.get("app_one").curation == Curation()
    assert desk.drafts.replace("app_one", EXCLUDE, expected=0).revision == 1
    desk.overrides.put("app_one", "p", read_override({"title": "T"}))
    draft = desk.drafts.get("app_one")
    assert (draft.revision, draft.overrides, draft.curation) == (2, 1, EXCLUDE)
    desk.overrides.delete("app_one", "p")
    assert desk.drafts.get("app_one").revision == 3
    assert desk.drafts.get("app_two").revision == 0


def test_of_two_that_change_the_same_draft_one_is_told(desk: CurationDesk) -> None:
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def change() -> None:
        barrier.wait()
        try:
            desk.drafts.replace("app_one", EXCLUDE, expected=0)
            outcomes.append("done")
        except DraftChangedError:
            outcomes.append("told")

    threads = [threading.Thread(target=change) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "told"]
    assert desk.drafts.get("app_one").revision == 1


def test_an_edit_that_fails_changes_nothing(desk: CurationDesk) -> None:
    desk.drafts.replace("app_one", EXCLUDE)
    with pytest.raises(InvalidInputError):
        desk.collections.add("app_one", {"handle": "!"})
    assert desk.drafts.get("app_one").revision == 1


def test_an_override_outlasts_its_product_and_goes_stale_with_the_supplier(
    desk: CurationDesk, snapshot: Snapshot, clock: SteppingClock
) -> None:
    product_id = snapshot.put(1, name="Theirs", subtitle="Sub")
    desk.overrides.put("app_one", product_id, read_override({"title": "Ours", "hidden": True}))
    assert desk.overrides.get("app_one", product_id).stale == ()
    snapshot.vanish(product_id)
    view = desk.overrides.get("app_one", product_id)
    assert (view.is_present, view.stale) == (False, ())
    snapshot.put(1, name="Theirs", subtitle="Another subtitle, which is not overridden")
    assert desk.overrides.get("app_one", product_id).stale == ()
    snapshot.put(1, name="New name")
    (stale,) = desk.overrides.get("app_one", product_id).stale
    assert (stale.field, stale.then, stale.now) == ("title", "Theirs", "New name")
    assert [each.product_id for each in desk.overrides.find("app_one", 10, only_stale=True)] == [product_id]
    clock.step(seconds=1)
    desk.overrides.put("app_one", product_id, read_override({"title": "Ours"}))
    assert desk.overrides.get("app_one", product_id).stale == ()


def test_an_absent_product_can_be_overridden_but_one_never_named_is_not_there(
    desk: CurationDesk, snapshot: Snapshot
) -> None:
    desk.overrides.put("app_one", "product-0001", read_override({"title": "Ours"}))
    assert desk.overrides.get("app_one", "product-0001").supplied == {}
    snapshot.put(1, name="Theirs")
    # Nobody knows what it said before: so nothing can be said to have changed.
    assert desk.overrides.get("app_one", "product-0001").stale == ()
    for call in (desk.overrides.get, desk.overrides.delete):
        with pytest.raises(NotFoundError):
            call("app_two", "product-0001")
    with pytest.raises(InvalidInputError):
        desk.overrides.put("app_one", "no id", read_override({"title": "Ours"}))


def test_a_product_that_stands_for_a_gift_collection_is_present_while_that_is_published(
    desk: CurationDesk, snapshot: Snapshot
) -> None:
    gift = product(70, name="Theirs")
    product_id = snapshot.put_gift(7, gift)
    snapshot.put_gift(8, product(80))
    desk.overrides.put("app_one", product_id, read_override({"title": "Ours"}))
    view = desk.overrides.get("app_one", product_id)
    assert (view.is_present, view.supplied["title"]) == (True, "Theirs")
    assert desk.overrides.layers("app_one", product_id)["name"] == "supplier"
    snapshot.put_gift(7, gift | {"name": "Other"})
    assert [each.then for each in desk.overrides.get("app_one", product_id).stale] == ["Theirs"]
    snapshot.put_gift(7, gift, is_published=False)
    assert not desk.overrides.get("app_one", product_id).is_present
    assert desk.overrides.layers("app_one", product_id) == {}


def test_many_overrides_are_paged_by_id(desk: CurationDesk) -> None:
    ids = [f"p-{number:03}" for number in range(205)]
    overrides = {product_id: {"title": "T"} for product_id in reversed(ids)}
    desk.drafts.load("app_one", read_file({"overrides": overrides})[0], with_overrides=True)
    assert [each.product_id for each in desk.overrides.find("app_one", 300)] == ids
    assert [each.product_id for each in desk.overrides.find("app_one", 2, "p-199")] == ["p-200", "p-201"]


def test_a_file_brings_overrides_or_leaves_them_alone(desk: CurationDesk, snapshot: Snapshot) -> None:
    product_id = snapshot.put(1, name="Theirs")
    with_overrides, has_overrides = read_file({"overrides": {product_id: {"title": "Ours"}}})
    assert desk.drafts.load("app_one", with_overrides, with_overrides=has_overrides).overrides == 1
    without = read_curation({"default": "exclude"})
    assert desk.drafts.load("app_one", without, with_overrides=False).overrides == 1
    snapshot.put(1, name="New name")
    (stale,) = desk.overrides.get("app_one", product_id).stale
    assert stale.then == "Theirs"
    assert desk.drafts.load("app_one", without, with_overrides=True).overrides == 0

"""What a publication would change: sources, order, index, and what is left alone."""

import tracemalloc
from datetime import timedelta

import pytest
import sqlalchemy as sa

from catalog_sync.curation.model import (
    Action,
    CollectionDefinition,
    CollectionSort,
    Curation,
    Override,
    Rule,
    SeenOverride,
)
from catalog_sync.index import NUMBER, PLACE, CatalogIndex, unpack
from catalog_sync.kinds import Kind
from catalog_sync.publishing.source import StagedSource, fingerprint
from catalog_sync.tables import PublishedCatalog, SupplierProduct, SyncRunRow
from foundation.database import Sessions

from .publishing_stage import PublishingStage
from .supplier import SteppingClock, brand, card, product


@pytest.fixture
def stage(sessions: Sessions, app_id: str, clock: SteppingClock) -> PublishingStage:
    return PublishingStage(sessions, app_id, clock)


def gift(number: int, of: dict[str, object] | None, **fields: object) -> dict[str, object]:
    """A gift collection of the supplier's, and the product that stands for it."""
    return {"id": f"gift-{number}", "is_published": True, "title": f"Gift {number}", "product": of} | fields


def ordered(index: CatalogIndex, sort: str) -> list[str]:
    return [index.ids[place] for place in unpack(PLACE, index.orders[sort])]


def listed_in(index: CatalogIndex, handle: str) -> list[str]:
    [facet] = [each for each in index.collections if each.value == handle]
    return [index.ids[place] for place in unpack(PLACE, facet.places)]


def numbered(*numbers: int) -> list[str]:
    return [f"product-{number:04}" for number in numbers]


def overrides(**by_product: Override) -> dict[str, SeenOverride]:
    return {f"product-{name[1:]:>04}": SeenOverride(override) for name, override in by_product.items()}


def test_staged_source_is_the_snapshot_to_be(stage: PublishingStage, sessions: Sessions, clock: SteppingClock) -> None:
    stage.supply([product(number) for number in range(6)])
    stage.withdraw("product-0004", "product-0005")
    first_seen = clock()
    with sessions.begin() as session:
        for run_id in ("run_one", "run_two"):
            session.add(_run(run_id, stage.app_id, clock))
    renamed, returned, new = (product(number, name="Staged") for number in (1, 4, 9))
    staged = {"product-0001": renamed, "product-0002": None, "product-0004": returned, "product-0009": new}
    stage.stage("run_one", Kind.PRODUCT, staged)
    stage.stage("run_two", Kind.PRODUCT, {"product-0000": None})
    now = clock() + timedelta(hours=1)
    source = StagedSource(stage.app_id, "run_one", now)
    with sessions.read() as session:
        found = {item.id: item for item in source.products(session)}
        assert sorted(found) == numbered(0, 1, 3, 4, 9)
        assert {each for each in found if '"Staged"' in found[each].raw} == set(numbered(1, 4, 9))
        assert [found[each].first_seen_at for each in numbered(0, 1, 4, 9)] == [first_seen] * 3 + [now]
        assert sorted(source.hashes(session, Kind.PRODUCT)) == sorted(
            (item.id, item.content_hash) for item in found.values()
        )
        assert fingerprint(session, source) != fingerprint(session, stage.source)
        assert list(StagedSource("app_two", "run_two", now).products(session)) == []
    assert stage.plan(source=source).listed == 5


def test_plan_tells_what_enters_changes_and_leaves(stage: PublishingStage) -> None:
    stage.supply([product(number) for number in range(5)])
    first = stage.plan()
    assert (first.served, first.is_empty, first.listed) == (0, False, 5)
    assert sorted(first.entering) == numbered(0, 1, 2, 3, 4)
    assert (first.changing, first.leaving) == ((), ())
    stage.publish()
    stage.supply([product(1, name="Renamed"), product(2, status="inactive"), product(7)])
    stage.withdraw("product-0003")
    second = stage.plan()
    assert (second.entering, second.changing, second.leaving) == (
        ("product-0007",),
        ("product-0001",),
        ("product-0002", "product-0003"),
    )
    assert second.listed == 4


def test_unchanged_catalog_is_not_planned_again(stage: PublishingStage, sessions: Sessions) -> None:
    curation = Curation(collections=(CollectionDefinition("all", "All", products=tuple(numbered(0, 1))),))
    stage.supply([product(0), product(1)], cards=[card(1)])
    stage.publish(curation)
    with sessions.begin() as session:
        # Were it read again, it would be found to be unreadable.
        session.execute(sa.update(SupplierProduct).values(raw="{}"))
    again = stage.plan(curation)
    assert (again.is_empty, again.listed, again.collections) == (True, 2, {"all": 2})
    assert again.previous_collections == {"all": 2}
    assert not stage.plan().is_empty


def test_change_that_nobody_sees_is_remembered(stage: PublishingStage, sessions: Sessions) -> None:
    stage.supply([product(0), product(1, status="inactive")])
    stage.publish()
    stage.supply([product(1, status="inactive", name="Renamed")])
    planned = stage.plan()
    assert planned.is_empty
    assert not stage.publish().is_new
    with sessions.read() as session:
        assert session.scalars(sa.select(PublishedCatalog.inputs)).one() == planned.inputs


def test_featured_order(stage: PublishingStage, clock: SteppingClock) -> None:
    """Ranks, then boosts, then the brands in turns; then what came first, then ids."""
    one, two = brand(1), brand(2)
    stage.supply([product(5, one), product(1, one), product(2, one)])
    clock.step(hours=1)
    stage.supply([product(0, two), product(3, two), product(4, two)])
    stage.publish()
    assert list(stage.index().ids) == numbered(1, 0, 2, 3, 5, 4)
    boosts = Curation(
        rules=(Rule("boost", {"product": ["product-0005", "product-0003", "product-0004"]}, boost=2),),
        overrides=overrides(p4=Override(featured_rank=7), p2=Override(featured_rank=3)),
    )
    stage.publish(boosts)
    assert list(stage.index().ids) == numbered(2, 4, 5, 3, 1, 0)


def test_moving_products_rewrites_no_document(stage: PublishingStage) -> None:
    stage.supply([product(number) for number in range(4)])
    stage.publish()
    moved = stage.plan(Curation(overrides=overrides(p3=Override(featured_rank=1))))
    assert (moved.is_empty, moved.entering, moved.changing, moved.leaving) == (False, (), (), ())
    assert moved.index.ids[0] == "product-0003"


def test_index_columns(stage: PublishingStage, clock: SteppingClock) -> None:
    maker = brand(1, name="zeta", brand_values=["Vegan", "Local"], free_shipping_minimum=2000)
    stage.supply(
        [product(1, maker, name="Éclair", price=2000), product(2, maker, name="eclair", price=1000)],
        brands=[maker | {"name": "Zeta & Sons"}],
    )
    clock.step(hours=1)
    stage.supply([product(3, brand(2, name="Alpha", brand_values=[]), price=1000, restricted_states=["hi", "AK"])])
    stage.publish()
    stage.supply([product(2, maker, name="Bread", price=900)])
    stage.publish()
    index = stage.index()
    assert list(index.ids) == numbered(1, 3, 2)
    assert list(unpack(NUMBER, index.prices)) == [2000, 1000, 900]
    assert list(unpack(NUMBER, index.prices_with_shipping)) == [2000, 1500, 1400]
    assert list(unpack(NUMBER, index.versions)) == [1, 1, 2]
    docids = list(unpack(NUMBER, index.docids))
    assert len(set(docids)) == 3
    assert max(docids) == docids[2]
    assert ordered(index, "price") == numbered(2, 3, 1)
    assert ordered(index, "-price") == numbered(1, 3, 2)
    assert ordered(index, "name") == numbered(2, 1, 3)
    assert ordered(index, "newest") == numbered(3, 2, 1)
    assert [(each.value, each.label) for each in index.brands] == [
        ("brand-0002", "Alpha"),
        ("brand-0001", "Zeta & Sons"),
    ]
    facets = {each.value: list(unpack(PLACE, each.places)) for each in (*index.brand_values, *index.restricted_states)}
    assert facets == {"Local": [0, 2], "Vegan": [0, 2], "AK": [1], "HI": [0, 1, 2]}


def test_equal_keys_go_by_id_in_the_direction_of_the_sort(stage: PublishingStage) -> None:
    stage.supply([product(number, brand(number), name="Same", price=500) for number in (2, 0, 1)])
    stage.publish()
    index = stage.index()
    assert [ordered(index, sort) for sort in ("price", "name")] == [numbered(0, 1, 2)] * 2
    assert [ordered(index, sort) for sort in ("-price", "newest")] == [numbered(2, 1, 0)] * 2


def test_collections_are_listed_in_their_own_order(stage: PublishingStage) -> None:
    stage.supply([product(number, price=100 * (5 - number)) for number in range(4)])
    curation = Curation(
        collections=(
            CollectionDefinition("gifts", "Gifts", description="All of them.", image="https://a.example/1.png"),
            CollectionDefinition(
                "cheap",
                "Cheap",
                parent="gifts",
                when={"price": {"max": 400}},
                sort=CollectionSort.PRICE,
                pins=("product-0001",),
                limit=2,
            ),
            CollectionDefinition("none", "Nothing yet"),
        )
    )
    planned = stage.plan(curation)
    assert (planned.collections, planned.previous_collections) == ({"gifts": 3, "cheap": 2, "none": 0}, {})
    stage.publish(curation)
    index = stage.index()
    assert [(each.value, each.label) for each in index.collections] == [
        ("gifts", "Gifts"),
        ("cheap", "Cheap"),
        ("none", "Nothing yet"),
    ]
    assert listed_in(index, "cheap") == numbered(1, 3)
    # One that is a member but beyond the limit is not said to be listed there.
    assert {each: document["collections"] for each, document in stage.documents().items()} == {
        "product-0000": [],
        "product-0001": ["cheap", "gifts"],
        "product-0002": ["gifts"],
        "product-0003": ["cheap", "gifts"],
    }
    assert stage.plan(Curation()).previous_collections == {"gifts": 3, "cheap": 2, "none": 0}


def test_hidden_and_overridden_products(stage: PublishingStage) -> None:
    images = [{"id": name, "image_large": {"url": f"https://a.example/{name}.png"}} for name in "abc"]
    stage.supply([product(0), product(1, images=images), product(2)])
    stage.publish(
        Curation(
            rules=(Rule("dear", {"price": {"min": 1002}}, action=Action.EXCLUDE),),
            overrides=overrides(
                p0=Override(hidden=True),
                p1=Override(title="Zest", subtitle="Ours.", description="Told.", images=("c", "gone")),
            ),
        )
    )
    [document] = stage.documents().values()
    assert (document["name"], document["subtitle"]) == ("Zest", "Ours.")
    assert document["recipient_description"] == "Told."
    assert [image["id"] for image in document["images"]] == ["c", "a", "b"]


def test_size_of_a_brand_counts_active_products(stage: PublishingStage) -> None:
    small, large = brand(1), brand(2)
    idle = product(3, small, status="inactive")
    stage.supply([product(1, small), idle, product(4, large), product(5, large)])
    curation = Curation(
        default=Action.EXCLUDE, rules=(Rule("large", {"brand_size": {"min": 2}}, action=Action.INCLUDE),)
    )
    stage.publish(curation)
    assert sorted(stage.documents()) == numbered(4, 5)


def test_the_snapshot_is_read_once_where_no_brand_has_grown(stage: PublishingStage, sessions: Sessions) -> None:
    """What the last plan counted stands for what has to be counted first; where it does not fit, all is placed anew."""
    stage.supply([product(1, brand(1)), product(2, brand(2)), product(3, brand(2)), product(4, brand(2))])

    def at_least(size: int) -> Curation:
        return Curation(
            default=Action.EXCLUDE, rules=(Rule("large", {"brand_size": {"min": size}}, action=Action.INCLUDE),)
        )

    read: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("SELECT supplier_products.id, supplier_products.raw"):
            read.append(statement)

    sa.event.listen(sessions.engine, "before_cursor_execute", note)

    def listed(size: int) -> tuple[list[str], int]:
        read.clear()
        stage.publish(at_least(size))
        return sorted(stage.documents()), len(read)

    assert listed(3) == (numbered(2, 3, 4), 2), "nothing is known yet: they are counted first"
    assert listed(1) == (numbered(1, 2, 3, 4), 1)
    stage.supply([product(5, brand(1)), product(3, brand(2), status="inactive")])
    stage.withdraw("product-0004")
    assert listed(2) == (numbered(1, 5), 2), "placed, found to be wrong, and placed anew"
    assert listed(3) == ([], 1)
    stage.supply([{"id": "product-0006", "brand": {"id": "brand-0001"}}])
    assert listed(3) == (numbered(1, 5), 2), "what can't be read is one of its brand's all the same"
    assert listed(1) == (numbered(1, 2, 5), 1)
    sa.event.remove(sessions.engine, "before_cursor_execute", note)


def test_other_sizes_of_brands_alone_are_nothing_to_publish(stage: PublishingStage) -> None:
    excluding = Curation(rules=(Rule("no second", {"product": ["product-0002"]}, action=Action.EXCLUDE),))
    stage.supply([product(1)])
    assert stage.publish(excluding).is_new
    stage.supply([product(2)])
    assert not stage.publish(excluding).is_new
    assert stage.index().brand_sizes == {"brand-0001": 1}


def test_products_that_stand_for_gift_collections(stage: PublishingStage) -> None:
    house = brand(9)
    stage.supply(
        [product(1)],
        collections=[
            gift(1, product(50, house)),
            gift(2, product(51, house, status="inactive")),
            gift(3, product(52, house), is_published=False),
            gift(4, None),
            gift(5, product(1), title=None, published_version={"title": "Choose"}),
        ],
    )
    stage.publish()
    shown = {each: document["gift_collection"] for each, document in stage.documents().items()}
    assert shown == {
        "product-0001": {"id": "gift-5", "title": "Choose"},
        "product-0050": {"id": "gift-1", "title": "Gift 1"},
    }
    stage.supply(collections=[gift(1, product(50, house), title="Renamed")])
    assert stage.plan().changing == ("product-0050",)
    stage.supply(collections=[gift(1, product(50, house), is_published=False)])
    assert stage.plan().leaving == ("product-0050",)


def test_what_can_no_longer_be_read_stays_as_published(stage: PublishingStage) -> None:
    stage.supply([product(1), product(2, name="Before")], cards=[card(1), card(2)], collections=[gift(1, product(50))])
    stage.publish()
    before = stage.documents()
    stage.supply(
        [product(1, name="After"), {"id": "product-0002"}, {"id": "product-0003"}],
        cards=[{"id": "card-0001"}],
        collections=[{"id": "gift-1"}],
    )
    planned = stage.plan()
    assert (planned.changing, planned.entering, planned.leaving, planned.listed) == (("product-0001",), (), (), 3)
    stage.publish()
    assert stage.documents() == before | {"product-0001": stage.documents()["product-0001"]}
    assert ordered(stage.index(), "name") == numbered(1, 2, 50)
    # It is looked at again each time: a better reader may come.
    assert (stage.plan().inputs, stage.plan().is_empty) == ("", True)


def test_apps_see_nothing_of_each_other(stage: PublishingStage, sessions: Sessions, clock: SteppingClock) -> None:
    other = PublishingStage(sessions, "app_two", clock)
    stage.supply([product(1)])
    other.supply([product(1, name="Other"), product(2)])
    stage.publish()
    assert other.publish().entered == 2
    assert stage.documents()["product-0001"]["name"] == "Product 1"
    assert stage.plan().is_empty


def test_plan_keeps_little_of_each_product(stage: PublishingStage) -> None:
    """A catalog of 100,000 products is planned in the memory that is left beside a crawl of it."""
    count = 800
    padding = [{"label": "Story", "content": "x" * 3000}]
    stage.supply([product(number, brand(number % 50), attributes=padding) for number in range(count)])
    curation = Curation(
        rules=(Rule("all", {"always": True}, tags=("a",), collections=("c",)),),
        collections=(CollectionDefinition("c", "C"),),
    )
    stage.plan(curation)
    tracemalloc.start()
    try:
        planned = stage.plan(curation)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert planned.listed == count
    assert peak < 5_000_000 + 1500 * count


def _run(run_id: str, app_id: str, clock: SteppingClock) -> SyncRunRow:
    return SyncRunRow(
        id=run_id,
        app_id=app_id,
        status="running",
        started_at=clock(),
        finished_at=None,
        trigger="command",
        is_dry_run=False,
        counts={},
        brakes=[],
        error=None,
        approved_at=None,
        approved_by=None,
    )

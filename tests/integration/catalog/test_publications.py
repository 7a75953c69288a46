"""Writing what was planned: only what changed, beside what is served, and shown all at once or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from catalog_sync import search
from catalog_sync.browsing.catalog import Catalog, ProductQuery
from catalog_sync.browsing.paging import current_generation
from catalog_sync.browsing.served import ServedGenerations
from catalog_sync.curation.model import CollectionDefinition, Curation, Rule
from catalog_sync.index import NUMBER, unpack
from catalog_sync.publishing.publish import publish
from catalog_sync.runs import LeaseLostError
from catalog_sync.tables import (
    CatalogGeneration,
    Listing,
    ListingChange,
    PublishedBrand,
    PublishedCard,
    PublishedCatalog,
    PublishedCollection,
    PublishedIndex,
)
from foundation import leases
from foundation.database import Sessions
from foundation.errors import ConflictError
from foundation.events import Event

from .publishing_stage import KilledError, PublishingStage, killed_at
from .supplier import SteppingClock, brand, card, product

TABLES = (Listing, PublishedBrand, PublishedCard, PublishedCollection, PublishedIndex, ListingChange, PublishedCatalog)
KILLS = (
    ("INSERT INTO published_indexes", 1),
    ("document_numbers", 1),
    ("UPDATE listings", 1),
    ("listing_texts", 1),
    ("UPDATE listings", 2),
    ("FROM leases", 3),
    ("UPDATE published_brands", 1),
    ("UPDATE published_cards", 1),
    ("UPDATE published_collections", 1),
    ("UPDATE published_indexes", 1),
    ("INSERT INTO catalogs", 1),
    ("INSERT INTO catalog_generations", 1),
    ("INSERT INTO events", 1),
)


@pytest.fixture
def stage(sessions: Sessions, app_id: str, clock: SteppingClock) -> PublishingStage:
    return PublishingStage(sessions, app_id, clock)


@contextmanager
def counted(sessions: Sessions, start: str) -> Iterator[list[str]]:
    """The statements that begin so, while the block runs."""
    seen: list[str] = []

    def listen(_connection: object, _cursor: object, text: str, *_rest: object) -> None:
        if text.startswith(start):
            seen.append(text)

    sa.event.listen(sessions.engine, "before_cursor_execute", listen)
    yield seen
    sa.event.remove(sessions.engine, "before_cursor_execute", listen)


def numbered(*numbers: int) -> list[str]:
    return [f"product-{number:04}" for number in numbers]


def in_collection(*numbers: int, title: str = "Some") -> Curation:
    return Curation(collections=(CollectionDefinition("some", title, products=tuple(numbered(*numbers))),))


def found(stage: PublishingStage, word: str) -> list[str]:
    """The products that a word finds, in the generation being served."""
    index = stage.index()
    by_number = dict(zip(unpack(NUMBER, index.docids), index.ids, strict=True))
    with stage.sessions.read() as session:
        matches = search.match(session, stage.app_id, word)
    return sorted(by_number[docid] for docid, _tier in matches if docid in by_number)


def served(stage: PublishingStage) -> dict[str, Any]:
    """All that readers of the generation being served could see."""
    with stage.sessions.read() as session:
        generation = current_generation(session, stage.app_id)
        seen: dict[str, Any] = {"generation": generation, "index": stage.index()}
        for table in (Listing, PublishedBrand, PublishedCard, PublishedCollection):
            inside = table.app_id == stage.app_id, table.valid_from <= generation, table.valid_to > generation
            rows = session.execute(sa.select(table.id, table.valid_from, table.document).where(*inside))
            seen[table.__tablename__] = sorted(tuple(row) for row in rows)
    seen["changes"] = {change for change in stage.changes() if change[1] <= generation}
    seen["found"] = found(stage, "good")
    return seen


def stored(stage: PublishingStage) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of everything that is published."""
    with stage.sessions.read() as session:
        return {
            table.__tablename__: sorted(map(tuple, session.execute(sa.select(table.__table__)))) for table in TABLES
        }


def texts(stage: PublishingStage) -> int:
    """How many rows can be found at all."""
    with stage.sessions.read() as session:
        return len(search.match(session, stage.app_id, "good"))


def test_first_publication_and_the_next(stage: PublishingStage, clock: SteppingClock) -> None:
    stage.supply([product(1), product(2), product(3)], brands=[brand(1)], cards=[card(1)])
    first = stage.publish(in_collection(1, 2))
    assert (first.generation, first.products, first.is_new, first.entered, first.changed, first.left) == (
        1,
        3,
        True,
        3,
        0,
        0,
    )
    clock.step(hours=2)
    stage.supply([product(2, name="Renamed"), product(4)])
    stage.withdraw("product-0003")
    second = stage.publish(in_collection(1, 2))
    assert (second.generation, second.entered, second.changed, second.left) == (2, 1, 1, 1)
    assert {each: body["name"] for each, body in stage.documents().items()} == {
        "product-0001": "Product 1",
        "product-0002": "Renamed",
        "product-0004": "Product 4",
    }
    assert stage.changes() == {
        ("product-0001", 1, "entered"),
        ("product-0002", 2, "changed"),
        ("product-0003", 2, "left"),
        ("product-0004", 2, "entered"),
    }
    with stage.sessions.read() as session:
        told = session.scalars(sa.select(Event).where(Event.app_id == stage.app_id).order_by(Event.sequence)).all()
    assert [(event.type, event.subject, event.changes) for event in told] == [
        ("catalog.published", "1", {"generation": 1, "products": 3, "entered": 3, "changed": 0, "left": 0}),
        ("catalog.published", "2", {"generation": 2, "products": 3, "entered": 1, "changed": 1, "left": 1}),
    ]


def test_what_comes_back_enters_again(stage: PublishingStage) -> None:
    stage.supply([product(1), product(2)])
    stage.publish()
    stage.withdraw("product-0001")
    stage.publish()
    stage.supply([product(1)])
    assert stage.publish().entered == 1
    assert stage.changes() == {("product-0001", 3, "entered"), ("product-0002", 1, "entered")}


def test_nothing_to_publish_writes_nothing(stage: PublishingStage, clock: SteppingClock) -> None:
    stage.supply([product(1)], cards=[card(1)])
    stage.publish()
    before = stored(stage)
    clock.step(minutes=5)
    again = stage.publish()
    assert (again.generation, again.products, again.is_new) == (1, 1, False)
    assert stored(stage) == before
    assert stage.count(Event) == 1


def test_empty_catalog_is_published_too(stage: PublishingStage) -> None:
    assert stage.publish().generation == 1
    assert stage.index().ids == ()


def test_only_changed_documents_are_made(stage: PublishingStage) -> None:
    stage.supply([product(number) for number in range(40)])
    stage.publish()
    stage.supply([product(number, name="Renamed") for number in (3, 4)])
    curation = Curation(rules=(Rule("moved", {"always": True}, boost=1),))
    with counted(stage.sessions, "SELECT supplier_products.raw, supplier_products.content_hash") as reads:
        published = stage.publish(curation)
    assert (published.entered, published.changed, published.left) == (0, 2, 0)
    assert len(reads) == 1
    with stage.sessions.read() as session:
        written = session.scalars(sa.select(Listing.id).where(Listing.valid_from == 2)).all()
    assert sorted(written) == numbered(3, 4)
    assert {each for each, body in stage.documents().items() if body["name"] == "Renamed"} == set(numbered(3, 4))


def test_new_format_publishes_everything_anew(stage: PublishingStage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.supply([product(1), product(2)])
    stage.publish()
    monkeypatch.setattr("catalog_sync.publishing.plan.FORMAT", 10**6)
    assert stage.publish().changed == 2


def test_collection_documents(stage: PublishingStage) -> None:
    stage.supply([product(1), product(2)])
    picture = "https://a.example/1.png"
    definitions = (
        CollectionDefinition("gifts", "Gifts", description="All.", image=picture),
        CollectionDefinition("small", "Small", parent="gifts", products=("product-0001",)),
    )
    stage.publish(Curation(collections=definitions))
    with stage.sessions.read() as session:
        rows = session.execute(sa.select(PublishedCollection).order_by(PublishedCollection.position)).scalars().all()
    assert [msgspec.json.decode(row.document) for row in rows] == [
        {
            "handle": "gifts",
            "title": "Gifts",
            "description": "All.",
            "image": picture,
            "parent": None,
            "products_count": 1,
            "children": ["small"],
        },
        {
            "handle": "small",
            "title": "Small",
            "description": None,
            "image": None,
            "parent": "gifts",
            "products_count": 1,
            "children": [],
        },
    ]


def test_listings_are_found_by_what_they_say(stage: PublishingStage) -> None:
    attributes = [{"label": "Scent", "content": "<p title='hidden'>Cedar &amp; <b>fig</b></p><script>evil()</script>"}]
    stage.supply([product(1, name="Candle", attributes=attributes), product(2, recipient_description="Lavender soap")])
    stage.publish()
    words = ("candle", "cedar", "fig", "lavender", "scent", "hidden", "evil", "amp")
    assert {word: found(stage, word) for word in words} == {
        "candle": numbered(1),
        "cedar": numbered(1),
        "fig": numbered(1),
        "lavender": numbered(2),
        "scent": numbered(1),
        "hidden": [],
        "evil": [],
        "amp": [],
    }


def test_new_rules_write_no_document_anew(stage: PublishingStage, sessions: Sessions, clock: SteppingClock) -> None:
    stage.supply([product(number) for number in range(1, 5)])
    tea = Rule("some", {"product": ["product-0002", "product-0003"]}, tags=("Tea time",))
    stage.publish(Curation(rules=(tea,)))
    written = stage.versions()
    catalog = Catalog(sessions, clock, ServedGenerations(sessions, most_seconds=0))

    def tagged(query: str) -> dict[str, list[str]]:
        page = catalog.products(stage.app_id, ProductQuery(q=query))
        return {each["id"]: each["tags"] for each in map(msgspec.json.decode, page.documents)}

    assert tagged("time tea") == {"product-0002": ["Tea time"], "product-0003": ["Tea time"]}
    since = catalog.changes(stage.app_id).next_cursor
    other = Rule("others", {"product": ["product-0003", "product-0004"]}, tags=("Teas", "Spa"))
    publication = stage.publish(Curation(rules=(other,)))
    assert (publication.entered, publication.changed, publication.left) == (0, 3, 0)
    assert stage.versions() == written
    assert tagged("tea") == {"product-0003": ["Teas", "Spa"], "product-0004": ["Teas", "Spa"]}
    assert tagged("time") == {}
    told = map(msgspec.json.decode, catalog.changes(stage.app_id, cursor=since).documents)
    assert {each["product_id"]: (each["change"], each["product"]["tags"]) for each in told} == {
        "product-0002": ("changed", []),
        "product-0003": ("changed", ["Teas", "Spa"]),
        "product-0004": ("changed", ["Teas", "Spa"]),
    }


@pytest.fixture
def changed(stage: PublishingStage) -> PublishingStage:
    """A catalog that is served, and a snapshot in which much is different by now."""
    everything = [product(number, brand(number % 3)) for number in range(270)]
    stage.supply(everything, brands=[brand(0), brand(1), brand(2)], cards=[card(1), card(2)])
    stage.publish(in_collection(1, 2))
    stage.supply([each | {"price": each["price"] + 1} for each in everything[:260]])
    stage.supply([product(600, brand(5))], brands=[brand(1, name="Renamed")], cards=[card(2, "Birthday")])
    stage.withdraw("product-0269")
    return stage


NEXT = in_collection(1, 2, 3, title="Renamed")


@pytest.mark.parametrize(("statement", "count"), KILLS)
def test_killed_publication_shows_nothing_and_the_next_one_is_whole(
    changed: PublishingStage, statement: str, count: int
) -> None:
    before = served(changed)
    with killed_at(changed.sessions, statement, count), pytest.raises(KilledError):
        changed.publish(NEXT)
    assert served(changed) == before
    published = changed.publish(NEXT)
    assert (published.generation, published.entered, published.changed, published.left) == (2, 1, 260, 1)
    after = served(changed)
    assert [len(after[name]) for name in ("published_brands", "published_cards", "published_collections")] == [4, 2, 1]
    assert set(after["index"].ids) == set(after["found"]) == {each[0] for each in after["listings"]}
    # Each product once: what the killed one told is not told twice.
    assert len(changed.changes()) == changed.count(ListingChange) == 271
    assert texts(changed) == changed.count(Listing) == 270 + 261


def test_killed_after_the_flip_it_is_served_and_the_next_one_tidies_up(changed: PublishingStage) -> None:
    with killed_at(changed.sessions, "DELETE FROM listing_changes"), pytest.raises(KilledError):
        changed.publish(NEXT)
    assert served(changed)["generation"] == 2
    assert changed.count(ListingChange) == 270 + 262
    assert not changed.publish(NEXT).is_new
    changed.supply([product(1, name="Renamed once more")])
    changed.publish(NEXT)
    assert len(changed.changes()) == changed.count(ListingChange) == 271


def test_leftovers_go_even_if_there_is_nothing_to_publish_any_more(stage: PublishingStage) -> None:
    everything = [product(number) for number in range(300)]
    stage.supply(everything)
    stage.publish()
    before = stored(stage)
    stage.supply([each | {"name": "Renamed"} for each in everything[:280]])
    stage.withdraw("product-0299")
    with killed_at(stage.sessions, "INSERT INTO catalogs"), pytest.raises(KilledError):
        stage.publish()
    assert stored(stage) != before
    assert texts(stage) == 580
    stage.supply(everything)
    assert not stage.publish().is_new
    assert stored(stage) == before
    assert texts(stage) == 300


def test_superseded_rows_are_deleted_an_hour_later(stage: PublishingStage, clock: SteppingClock) -> None:
    everything = [product(number) for number in range(30)]
    stage.supply(everything, cards=[card(1), card(2)])
    stage.publish(in_collection(1))
    clock.step(minutes=1)
    stage.supply([each | {"name": "Renamed"} for each in everything], cards=[card(2, "Birthday")])
    stage.publish(in_collection(2))
    kept = {"listings": 60, "published_indexes": 2, "published_cards": 3, "published_collections": 1}
    clock.step(hours=1)
    stage.publish(in_collection(2))
    assert {table: len(stored(stage)[table]) for table in kept} == kept
    clock.step(seconds=1)
    stage.publish(in_collection(2))
    kept = {"listings": 30, "published_indexes": 1, "published_cards": 2, "published_collections": 1}
    assert {table: len(stored(stage)[table]) for table in kept} == kept
    assert texts(stage) == 30
    assert stage.count(CatalogGeneration) == 1
    assert len(served(stage)["listings"]) == 30


def test_nothing_is_shown_once_another_run_has_the_lease(stage: PublishingStage, clock: SteppingClock) -> None:
    stage.supply([product(1)])
    stage.publish()
    stage.supply([product(1, name="Renamed")])
    planned = stage.plan()
    clock.step(days=30)
    with stage.sessions.begin() as session:
        assert leases.take(session, f"catalog_sync:{stage.app_id}", "run_other", clock(), 300)
    before = served(stage)
    with pytest.raises(LeaseLostError, match="run_test"):
        publish(stage.claim, planned)
    assert served(stage) == before


def test_plan_that_was_overtaken_is_refused(stage: PublishingStage) -> None:
    stage.supply([product(1)])
    planned = stage.plan()
    stage.publish()
    with pytest.raises(ConflictError, match="Plan anew"):
        publish(stage.claim, planned)


def test_snapshot_that_is_not_what_was_planned_from_is_refused(stage: PublishingStage) -> None:
    stage.supply([product(1), product(2)])
    planned = stage.plan()
    stage.withdraw("product-0002")
    with pytest.raises(ConflictError, match="snapshot"):
        publish(stage.claim, planned)
    assert stage.publish().products == 1

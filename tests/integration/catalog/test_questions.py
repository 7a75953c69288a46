"""Every filter, order, facet and page against plain lists that do the same the obvious way."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from typing import Any, Final

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_sync.browsing.catalog import Catalog, ProductQuery, Sort
from catalog_sync.browsing.sequence import MOST_STEPS
from catalog_sync.words import asked_words, stem, written_words
from foundation.database import Sessions
from foundation.errors import InvalidInputError

from .shelf import Item, Shelf, put_up
from .supplier import SteppingClock

_GENERATIONS: Final = count(1)
NAMES: Final = ("Candle", "Candles set", "Tea box", "Box of tea", "Rose")
BRANDS: Final = ("Acme", "Bloom", "Candle House")
VALUES: Final = ("Vegan", "USA Made")
STATES: Final = ("HI", "AK")
KEYS: Final = {"brands": "id", "collections": "handle", "brand_values": "value", "ships_to": "value"}
HANDLES: Final = ("gifts", "home", "empty")


@st.composite
def shelves(draw: st.DrawFn) -> Shelf:
    drawn = st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(BRANDS),
        st.sampled_from(("", "with tea", "a rose candle")),
        st.integers(0, 4).map(lambda price: 1000 * price),
        st.sampled_from((0, 500)),
        st.sets(st.sampled_from(VALUES)).map(lambda values: tuple(sorted(values))),
        st.sets(st.sampled_from(STATES)).map(lambda states: tuple(sorted(states))),
        st.integers(0, 2),
        st.sampled_from(((), ("Tea time",), ("Candles", "For her"))),
    )
    number = draw(st.sampled_from((0, 1, 5, 30)))
    ids = draw(st.permutations([f"product-{each:02}" for each in range(number)]))
    items = [Item(each, *draw(drawn)) for each in ids]
    members = st.lists(st.sampled_from(ids), unique=True) if ids else st.just([])
    return Shelf(items, {"gifts": draw(members), "home": draw(members), "empty": ()})


CENTS: Final = st.none() | st.integers(0, 5000) | st.sampled_from((0, 1000, 2000, 3000, 4000))
QUERIES: Final = st.builds(
    ProductQuery,
    q=st.sampled_from((None, None, "", " ", "candle", "tea bo", "rose", "!", "acme candles", "zzz")),
    brand_ids=st.lists(st.sampled_from((*BRANDS, "nobody")), max_size=2).map(tuple),
    collection=st.sampled_from((None, None, *HANDLES, "nowhere")),
    price_min=CENTS,
    price_max=CENTS,
    price_with_shipping_max=CENTS,
    ships_to=st.sampled_from((None, None, "HI", "ak", "NY")),
    brand_values=st.lists(st.sampled_from((*VALUES, "None")), max_size=2).map(tuple),
    sort=st.sampled_from((None, *Sort)),
    limit=st.sampled_from((1, 2, 7, 100)),
    include_total=st.booleans(),
)


def tier(item: Item, query: str) -> int | None:
    """The first of name, brand, rest by which all words are found."""
    asked = asked_words(query, 16)
    texts = (item.name, item.brand, " ".join((item.body, *item.tags)))
    for columns in range(1, 4):
        words = {word for text in texts[:columns] for word in written_words(text)}
        if asked and all(any(w.startswith(a) for w in words) or stem(a) in words for a in asked):
            return columns
    return None


def meets(shelf: Shelf, item: Item, query: ProductQuery) -> bool:
    is_asked = query.q is not None and query.q.strip() != ""
    return (
        (not is_asked or tier(item, query.q or "") is not None)
        and (not query.brand_ids or item.brand in query.brand_ids)
        and (query.collection is None or item.id in shelf.collections.get(query.collection, ()))
        and (query.price_min is None or item.price >= query.price_min)
        and (query.price_max is None or item.price <= query.price_max)
        and (query.price_with_shipping_max is None or item.with_shipping <= query.price_with_shipping_max)
        and (query.ships_to is None or query.ships_to.upper() not in item.restricted)
        and (not query.brand_values or any(value in item.values for value in query.brand_values))
    )


def expected(shelf: Shelf, query: ProductQuery) -> list[str]:
    found = [item for item in shelf.items if meets(shelf, item, query)]
    keys: dict[Sort, tuple[Callable[[Item], Any], bool]] = {
        Sort.PRICE: (lambda item: (item.price, item.id), False),
        Sort.PRICE_DESCENDING: (lambda item: (item.price, item.id), True),
        Sort.NAME: (lambda item: (item.name, item.id), False),
        Sort.NEWEST: (lambda item: (item.newest, item.id), True),
    }
    is_asked = query.q is not None and query.q.strip() != ""
    if query.sort in keys:
        key, is_reversed = keys[query.sort]
        found.sort(key=key, reverse=is_reversed)
    elif is_asked and query.sort in (None, Sort.RELEVANCE):
        found.sort(key=lambda item: tier(item, query.q or "") or 0)
    elif query.collection is not None and query.sort is None:
        order = list(shelf.collections.get(query.collection, ()))
        found.sort(key=lambda item: order.index(item.id))
    return [item.id for item in found]


def facets(shelf: Shelf, query: ProductQuery) -> dict[str, Any]:
    def found(**others: Any) -> list[Item]:
        return [item for item in shelf.items if meets(shelf, item, replace(query, **others))]

    def counts(
        values: Sequence[str], chosen: Sequence[str], having: Callable[[str], int]
    ) -> dict[str, tuple[int, bool]]:
        return {value: (having(value), value in chosen) for value in values if having(value) or value in chosen}

    brands = found(brand_ids=())
    collections = found(collection=None)
    values = found(brand_values=())
    states = found(ships_to=None)
    prices = [item.price for item in found(price_min=None, price_max=None)]
    shipped = [item.with_shipping for item in found(price_with_shipping_max=None)]
    return {
        "total_count": len(found()),
        "brands": counts(
            sorted({item.brand for item in shelf.items}),
            query.brand_ids,
            lambda value: sum(item.brand == value for item in brands),
        ),
        "collections": counts(
            HANDLES,
            (query.collection or "",),
            lambda value: sum(item.id in shelf.collections[value] for item in collections),
        ),
        "brand_values": counts(
            sorted({value for item in shelf.items for value in item.values}),
            query.brand_values,
            lambda value: sum(value in item.values for item in values),
        ),
        "ships_to": {
            state: (sum(state not in item.restricted for item in states), state == (query.ships_to or "").upper())
            for state in sorted({state for item in shelf.items for state in item.restricted})
        },
        "price": {"min": min(prices, default=None), "max": max(prices, default=None)},
        "price_with_shipping": {"min": min(shipped, default=None), "max": max(shipped, default=None)},
    }


def walk(catalog: Catalog, app_id: str, query: ProductQuery, total: int) -> list[str]:
    """The ids over all pages; no page is shorter than it need be, and each knows the total."""
    found: list[str] = []
    while True:
        page = catalog.products(app_id, query)
        found += [msgspec.json.decode(document)["id"] for document in page.documents]
        assert page.total_count == (total if query.include_total else None)
        assert len(page.documents) == min(query.limit, total - len(found) + len(page.documents))
        if page.next_cursor is None:
            return found
        query = replace(query, cursor=page.next_cursor)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shelf=shelves(), queries=st.lists(QUERIES, min_size=1, max_size=5))
def test_lists_and_facets_are_what_plain_lists_say(
    sessions: Sessions, clock: SteppingClock, app_id: str, catalog: Catalog, shelf: Shelf, queries: list[ProductQuery]
) -> None:
    put_up(sessions, app_id, shelf, next(_GENERATIONS), clock())
    for query in queries:
        ids = expected(shelf, query)
        assert walk(catalog, app_id, query, len(ids)) == ids
        document, _generation = catalog.facets(app_id, query)
        told = msgspec.json.decode(document)
        wanted = facets(shelf, query)
        for name, key in (
            ("brands", "id"),
            ("collections", "handle"),
            ("brand_values", "value"),
            ("ships_to", "value"),
        ):
            assert {each[key]: (each["count"], each["is_selected"]) for each in told[name]} == wanted.pop(name)
        assert {name: told[name] for name in wanted} == wanted


def test_long_walks_find_what_is_few_and_far_between(
    sessions: Sessions, clock: SteppingClock, app_id: str, catalog: Catalog
) -> None:
    """Enough products that walking, sorting and giving up on a walk all happen."""
    numbers = sorted(range(MOST_STEPS + 1000), key=lambda n: (n % 2, n % 40, n))
    items = [Item(f"p-{n:05}", f"{n % 97:02}", brand_of(n), price=n * 7919 % 1000, newest=n) for n in numbers]
    late = [item.id for item in items if item.brand == "half"]
    put_up(sessions, app_id, Shelf(items, {"late": late}), 1, clock())
    for brand in ("half", "some", "rare"):
        for sort in (None, Sort.NAME, Sort.PRICE, Sort.NEWEST):
            asked = ProductQuery(brand_ids=(brand,), sort=sort, limit=100, include_total=True)
            ids = expected(Shelf(items, {}), asked)
            assert walk(catalog, app_id, asked, len(ids)) == ids
    asked = ProductQuery(collection="late", price_max=2, limit=5)
    ids = expected(Shelf(items, {"late": late}), asked)
    assert walk(catalog, app_id, asked, len(ids)) == ids != []


def brand_of(number: int) -> str:
    if number % 1999 == 1:
        return "rare"
    return "half" if number % 2 else "some" if number % 40 == 38 else "other"


def test_orders_that_follow_from_the_question(
    sessions: Sessions, clock: SteppingClock, app_id: str, catalog: Catalog
) -> None:
    items = [Item("a", "Rose", body="tea"), Item("b", "Tea"), Item("c", "Rose tea", price=1)]
    put_up(sessions, app_id, Shelf(items, {"own": ["c", "a", "b"]}), 1, clock())

    def ids(**query: Any) -> str:
        return "".join(walk(catalog, app_id, ProductQuery(**query), len(items)))

    assert ids() == "abc"
    assert ids(sort=Sort.RELEVANCE) == "abc"
    assert ids(collection="own") == "cab"
    assert ids(collection="own", sort=Sort.FEATURED) == "abc"
    assert ids(q="tea") == ids(q="tea", sort=Sort.RELEVANCE) == ids(q="tea", collection="own") == "bca"
    assert ids(q="tea", sort=Sort.FEATURED) == "abc"
    assert ids(q="tea", sort=Sort.PRICE) == "cab"


@pytest.mark.parametrize("state", ["XX", "", "N", "New York", "ＮＹ"])
def test_a_state_has_to_be_one(state: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        _ = ProductQuery(ships_to=state).filters
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/ships_to", "invalid")]


def test_texts_of_other_generations_and_apps_are_not_found(
    sessions: Sessions, clock: SteppingClock, app_id: str, catalog: Catalog
) -> None:
    put_up(sessions, app_id, Shelf([Item("a", "Tea"), Item("b", "Tea set")], {}), 1, clock())
    put_up(sessions, "app_two", Shelf([Item("x", "Tea")], {}), 1, clock())
    first = catalog.products(app_id, ProductQuery(q="tea", limit=1, include_total=True))
    put_up(sessions, app_id, Shelf([Item("b", "Coffee")], {}), 2, clock())
    assert catalog.products(app_id, ProductQuery(q="tea")).documents == []
    rest = catalog.products(app_id, ProductQuery(q="tea", limit=5, cursor=first.next_cursor, include_total=True))
    (document,) = map(msgspec.json.decode, rest.documents)
    assert (document["id"], document["generation"]) == ("b", 1)
    assert (first.total_count, rest.total_count, rest.next_cursor) == (2, 2, None)

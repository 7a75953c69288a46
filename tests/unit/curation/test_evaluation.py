"""Evaluating curations: which rule decides, what adds up, how collections are arranged; and against a plain reading."""

from datetime import timedelta
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_sync.curation.evaluation import Evaluation
from catalog_sync.curation.overriding import overridden
from catalog_sync.curation.placement import Member, Placement
from catalog_sync.curation.reading import read_curation, read_file
from foundation.goody.resources import Product

from .goods import SINCE, brand, product
from .plain import placed_plainly

ALWAYS: Final = {"always": True}


def place(document: dict[str, Any], of: Product) -> Placement:
    return Evaluation(read_file(document)[0], {"brand-1": 1}).place(of, SINCE)


def test_an_empty_curation_lists_everything() -> None:
    assert place({}, product()) == Placement()
    assert place({"default": "exclude"}, product()).is_listed is False


def test_the_last_rule_that_includes_or_excludes_decides() -> None:
    include = {"name": "a", "when": ALWAYS, "action": "include"}
    exclude = {"name": "b", "when": ALWAYS, "action": "exclude"}
    neutral = {"name": "c", "when": ALWAYS}
    assert place({"rules": [include, exclude, neutral]}, product()).is_listed is False
    assert place({"default": "exclude", "rules": [exclude, include, neutral]}, product()).is_listed is True


def test_tags_collections_and_boosts_add_up() -> None:
    document = {
        "rules": [
            {"name": "a", "when": ALWAYS, "tags": ["Candle"], "boost": 5, "collections": ["child"]},
            {"name": "b", "when": {"tag": ["candle"]}, "tags": ["Home", "Candle"], "boost": -2},
            {"name": "c", "when": {"tag": ["later"]}, "boost": 100},
            {"name": "d", "when": ALWAYS, "tags": ["later"]},
        ],
        "collections": [
            {"handle": "parent", "title": "P"},
            {"handle": "child", "title": "C", "parent": "parent"},
            {"handle": "smart", "title": "S", "when": {"tag": ["later"]}},
            {"handle": "other", "title": "O", "when": {"price": {"max": 1}}},
            {"handle": "pinned", "title": "N", "pins": ["product-1"]},
            {"handle": "manual", "title": "M", "products": ["product-1"]},
        ],
    }
    found = place(document, product())
    assert found.tags == ("Candle", "Home", "later")
    assert found.boost == 3
    assert found.collections == {"parent", "child", "smart", "pinned", "manual"}


def test_a_product_that_is_not_listed_is_nowhere() -> None:
    document = {"rules": [{"name": "a", "when": ALWAYS, "action": "exclude", "tags": ["x"], "boost": 1}]}
    assert place(document, product()) == Placement(is_listed=False)
    assert place({"overrides": {"product-1": {"hidden": True}}}, product()) == Placement(is_listed=False)


def test_overrides_replace_what_is_published() -> None:
    images = [{"id": name, "image_large": {"url": f"https://a.example/{name}"}} for name in ("a", "b", "c")]
    one = product(images=images, subtitle="Theirs", recipient_description="Theirs")
    override = {"title": "Ours", "subtitle": "", "images": ["c", "gone", "a"], "featured_rank": 3}
    found = place({"overrides": {"product-1": override}}, one)
    assert found.featured_rank == 3
    shown = overridden(one, found)
    assert (shown.name, shown.subtitle, shown.recipient_description) == ("Ours", "", "Theirs")
    assert [image.id for image in shown.images] == ["c", "a", "b"]
    assert overridden(one, Placement()) is one


def test_rules_are_about_what_the_supplier_says() -> None:
    document = {
        "rules": [{"name": "a", "when": {"text": {"any": ["candle"]}}, "tags": ["found"]}],
        "overrides": {"product-1": {"title": "Lamp"}},
    }
    assert place(document, product()).tags == ("found",)


def test_hits_are_counted_with_examples() -> None:
    document = {
        "rules": [
            {"name": "all", "when": ALWAYS},
            {"name": "none", "when": {"not": ALWAYS}},
        ]
    }
    evaluation = Evaluation(read_curation(document), {})
    for number in range(8):
        evaluation.place(product(id=f"p{number}"), SINCE)
    assert [(hit.name, hit.count, hit.samples) for hit in evaluation.hits] == [
        ("all", 8, ["p0", "p1", "p2", "p3", "p4"]),
        ("none", 0, []),
    ]


def members(*rows: tuple[str, str, int, int]) -> list[Member]:
    return [
        Member(each, place, name, price, SINCE + timedelta(hours=age))
        for place, (each, name, price, age) in enumerate(rows)
    ]


def test_collections_are_arranged_pins_first_then_sorted() -> None:
    rows = members(("a", "zoo", 300, 1), ("b", "ant", 100, 3), ("c", "bee", 200, 2), ("d", "bee", 100, 2))
    expected = {
        "featured": "abcd",
        "price": "bdca",
        "-price": "acbd",
        "name": "bcda",
        "newest": "bcda",
        "manual": "dbac",
    }
    for sort, order in expected.items():
        one = {"handle": "x", "title": "X", "sort": sort, "products": ["d", "gone", "b"]}
        (plain,) = Evaluation(read_curation({"collections": [one]}), {}).arrange({"x": rows})
        assert "".join(plain.product_ids) == order
        pinned = {**one, "pins": ["c", "away", "a"], "limit": 3}
        (arranged,) = Evaluation(read_curation({"collections": [pinned]}), {}).arrange({"x": rows})
        assert "".join(arranged.product_ids) == "ca" + next(each for each in order if each not in "ca")


def test_children_stand_behind_their_parent() -> None:
    document = {
        "collections": [
            {"handle": "b1", "title": "", "parent": "b"},
            {"handle": "a", "title": "A"},
            {"handle": "b", "title": "B", "image": "https://a.example/b.png", "description": "All of B"},
            {"handle": "b2", "title": "B2", "parent": "b"},
        ]
    }
    document["collections"][0]["title"] = "B1"
    arranged = Evaluation(read_curation(document), {}).arrange({})
    assert [each.handle for each in arranged] == ["a", "b", "b1", "b2"]
    assert arranged[1].image == "https://a.example/b.png"
    assert arranged[1].product_ids == ()


WORDS: Final = st.sampled_from(
    ["candle", "candles", "gift", "card", "thank", "you", "thank you", "café", "cafe", "soy"]
)
TERMS: Final = st.one_of(WORDS, WORDS.map("{}*".format), WORDS.map("*{}".format), st.sampled_from(["*an*", "*ift c*"]))
TEXTS: Final = st.lists(WORDS, max_size=5).map(lambda words: " & ".join(words).title())
FIELDS: Final = st.lists(
    st.sampled_from(["name", "subtitle", "description", "attributes", "attribute:care", "brand", "variants"]),
    min_size=1, max_size=3, unique=True,
)  # fmt: skip
RANGES: Final = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(
    lambda pair: {"min": min(pair) * 100, "max": max(pair) * 100}
)
FLAGS: Final = ("has_variants", "variable_price", "gift_card", "gift_collection", "revenue_share_excluded", "always")
STATES: Final = st.lists(st.sampled_from(["AK", "HI", "NY"]), min_size=1, unique=True)
TAGS: Final = st.lists(st.sampled_from(["one", "Two", "three"]), min_size=1, unique=True)
SIMPLE: Final = st.one_of(
    st.fixed_dictionaries(
        {}, optional={name: st.lists(TERMS, min_size=1, max_size=3) for name in ("any", "all", "none")} | {"in": FIELDS}
    ).filter(lambda text: text.keys() - {"in"}).map(lambda text: {"text": text}),
    st.tuples(st.sampled_from(["price", "price_with_shipping"]), RANGES).map(lambda pair: {pair[0]: pair[1]}),
    st.integers(0, 3).map(lambda size: {"brand_size": {"min": size}}),
    st.integers(0, 2).map(lambda count: {"variants": {"max": count}}),
    st.tuples(st.sampled_from(FLAGS), st.booleans()).map(lambda pair: {pair[0]: pair[1]}),
    st.tuples(st.sampled_from(["ships_to", "restricted_in"]), STATES).map(lambda pair: {pair[0]: pair[1]}),
    TAGS.map(lambda tags: {"tag": tags}),
    st.sampled_from([{"brand": ["CAFE one"]}, {"brand": ["b2"]}, {"brand_value": ["vegan"]}]),
    st.just({"product": ["p1", "p2"]}),
)  # fmt: skip
CONDITIONS: Final = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"all": each}),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"any": each}),
        inner.map(lambda each: {"not": each}),
        st.tuples(inner, inner).map(lambda pair: {**pair[0], **pair[1]}),
    ),
    max_leaves=5,
)
HANDLES: Final = ("top", "left", "right")
RULES: Final = st.lists(
    st.fixed_dictionaries(
        {"when": CONDITIONS},
        optional={
            "action": st.sampled_from(["include", "exclude", "none"]),
            "tags": TAGS,
            "boost": st.integers(-5, 5),
            "collections": st.lists(st.sampled_from(HANDLES), unique=True),
        },
    ),
    max_size=5,
).map(lambda rules: [{"name": str(number), **rule} for number, rule in enumerate(rules)])
CURATIONS: Final = st.builds(
    lambda default, rules, one, other: {
        "default": default,
        "rules": rules,
        "collections": [
            {"handle": "top", "title": "Top", "pins": ["p2"]},
            {"handle": "left", "title": "Left", "parent": "top", "when": one},
            {"handle": "right", "title": "Right", "when": other, "products": ["p1"]},
        ],
    },
    st.sampled_from(["include", "exclude"]), RULES, CONDITIONS, CONDITIONS,
)  # fmt: skip
BRANDS: Final = st.sampled_from(
    [
        brand(id="b1", name="Café One", brand_values=["Vegan"]),
        brand(id="b2", name="Soy", free_shipping_minimum=None, commerce_revshare_excluded=True),
    ]
)
PRODUCTS: Final = st.builds(
    lambda attribute, **fields: product(**fields, attributes=[{"label": "Care", "content": f"<p>{attribute}</p>"}]),
    TEXTS,
    id=st.sampled_from(["p1", "p2", "choice"]), name=TEXTS, subtitle=st.none() | TEXTS, brand=BRANDS,
    recipient_description=st.none() | TEXTS, price=st.integers(0, 6000), price_is_variable=st.booleans(),
    restricted_states=STATES, variants=st.lists(TEXTS.map(lambda name: {"id": "v", "name": name}), max_size=2),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(name=TEXTS, terms=st.lists(TERMS, min_size=1, max_size=4))
def test_terms_are_found_as_a_plain_search_finds_them(name: str, terms: list[str]) -> None:
    document = {
        "default": "exclude",
        "rules": [{"name": term, "when": {"text": {"any": [term]}}} for term in dict.fromkeys(terms)],
        "collections": [],
    }
    evaluation = Evaluation(read_curation(document), {})
    evaluation.place(product(name=name), SINCE)
    _placed, hits = placed_plainly(document, product(name=name), 0, is_gift_collection=False)
    assert [hit.count for hit in evaluation.hits] == hits


@settings(max_examples=100, deadline=None)
@given(document=CURATIONS, of=PRODUCTS)
def test_it_agrees_with_a_plain_reading_of_the_language(document: dict[str, Any], of: Product) -> None:
    sizes = {"b1": 1, "b2": 3}
    evaluation = Evaluation(read_curation(document), sizes, {"choice"})
    found = evaluation.place(of, SINCE)
    expected, hits = placed_plainly(document, of, sizes[of.brand.id], is_gift_collection=of.id == "choice")
    assert (found.is_listed, found.tags, found.collections, found.boost) == expected
    assert [hit.count for hit in evaluation.hits] == hits

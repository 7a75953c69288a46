"""Curations as merchandisers may write them, of any kind and never a bad one: JSON for property tests."""

from typing import Any, Final

from hypothesis import strategies as st

from .shop_world import GIFT_ID, THEMES

HANDLES: Final = ("one", "two", "three", "four")
TAGS: Final = ("red", "small", "new")

product_ids: Final = st.sampled_from([*(f"product-{number:04}" for number in range(18)), GIFT_ID])
_some_ids: Final = st.lists(product_ids, max_size=6, unique=True)
_tags: Final = st.lists(st.sampled_from(TAGS), min_size=1, max_size=2, unique=True)
_brands: Final = st.lists(st.sampled_from([f"brand-{number:04}" for number in range(4)]), min_size=1, max_size=2)
_amounts: Final = st.sampled_from([1000, 1500, 2000, 2500, 3000])

_simple: Final = st.one_of(
    st.just({"always": True}),
    st.fixed_dictionaries({"price": st.builds(lambda most: {"max": most}, _amounts)}),
    st.fixed_dictionaries({"price": st.builds(lambda least: {"min": least}, _amounts)}),
    st.fixed_dictionaries({"price_with_shipping": st.builds(lambda most: {"max": most}, _amounts)}),
    st.fixed_dictionaries({"text": st.builds(lambda theme: {"any": [theme]}, st.sampled_from(THEMES))}),
    st.fixed_dictionaries({"brand": _brands}),
    st.just({"brand_value": ["Vegan"]}),
    st.fixed_dictionaries({"brand_size": st.builds(lambda least: {"min": least}, st.integers(1, 5))}),
    st.fixed_dictionaries({"product": st.lists(product_ids, min_size=1, max_size=4, unique=True)}),
    st.fixed_dictionaries({"tag": _tags}),
    st.just({"gift_collection": True}),
)
conditions: Final = st.recursive(
    _simple,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=2)}),
    ),
    max_leaves=3,
)


def _rules(handles: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "when": conditions,
            "action": st.sampled_from(["none", "none", "include", "exclude"]),
            "tags": st.lists(st.sampled_from(TAGS), max_size=2, unique=True),
            "collections": st.lists(st.sampled_from(handles), max_size=2, unique=True) if handles else st.just([]),
            "boost": st.sampled_from([0, 0, 5, -5]),
        }
    )


@st.composite
def _collection(draw: st.DrawFn, handle: str, above: tuple[str, ...]) -> dict[str, Any]:
    pins = draw(st.lists(product_ids, max_size=2, unique=True))
    sorts = st.sampled_from(["featured", "price", "-price", "name", "newest", "manual"])
    return {
        "handle": handle,
        "title": handle.title(),
        "parent": draw(st.sampled_from([None, *above])),
        "products": draw(_some_ids),
        "when": draw(st.none() | conditions),
        "pins": pins,
        "sort": draw(sorts),
        "limit": draw(st.none() | st.integers(max(1, len(pins)), 6)),
    }


@st.composite
def curations(draw: st.DrawFn) -> dict[str, Any]:
    """Up to four rules and four collections, the last two of which may stand under the first two."""
    handles = HANDLES[: draw(st.integers(0, 4))]
    tops = handles[:2]
    collections = [draw(_collection(handle, () if handle in tops else tops)) for handle in handles]
    rules = draw(st.lists(_rules(handles), max_size=4))
    return {
        "default": draw(st.sampled_from(["include", "include", "exclude"])),
        "rules": [rule | {"name": f"rule {number}"} for number, rule in enumerate(rules)],
        "collections": draw(st.permutations(collections)),
    }

"""Documents of curations: what is refused, where, and that all of it is told at once."""

import copy
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_sync.curation.conditions import DEEPEST, LARGEST
from catalog_sync.curation.evaluation import Evaluation
from catalog_sync.curation.reading import read_curation, read_file, read_override, write_curation, write_file
from foundation.errors import InvalidInputError

from .goods import SINCE, product

ALWAYS = {"always": True}


def refused(document: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInputError) as caught:
        read_file(document)
    assert all(fault.detail for fault in caught.value.faults)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


def rule(**members: Any) -> dict[str, Any]:
    return {"rules": [{"name": "One", "when": ALWAYS, **members}]}


def when(condition: object) -> dict[str, Any]:
    return rule(when=condition)


def collection(**members: Any) -> dict[str, Any]:
    return {"collections": [{"handle": "one", "title": "One", **members}]}


def nested(depth: int) -> dict[str, Any]:
    return ALWAYS if depth == 1 else {"not": nested(depth - 1)}


@pytest.mark.parametrize(
    ("document", "faults"),
    [
        ([], [("", "wrong_type")]),
        ({"rule": []}, [("/rule", "unknown_field")]),
        ({"a/b~": 1}, [("/a~1b~0", "unknown_field")]),
        ({"default": "none"}, [("/default", "unknown_choice")]),
        ({"default": 1}, [("/default", "unknown_choice")]),
        ({"rules": {}}, [("/rules", "wrong_type")]),
        ({"rules": [7]}, [("/rules/0", "wrong_type"), ("/rules/0/name", "required"), ("/rules/0/when", "required")]),
        (rule(name=" "), [("/rules/0/name", "blank")]),
        (rule(name="x" * 201), [("/rules/0/name", "too_long")]),
        (rule(name="a\0"), [("/rules/0/name", "unstorable_text")]),
        (rule(name="\ud800"), [("/rules/0/name", "unstorable_text")]),
        (rule(action="hide"), [("/rules/0/action", "unknown_choice")]),
        (rule(boost=1001), [("/rules/0/boost", "out_of_range")]),
        (rule(boost=True), [("/rules/0/boost", "wrong_type")]),
        (rule(tags=["a", "a"]), [("/rules/0/tags/1", "repeated")]),
        (rule(tags=["a"] * 51), [("/rules/0/tags", "too_many")]),
        (rule(collections=["nowhere"]), [("/rules/0/collections/0", "unknown_collection")]),
        ({"rules": rule()["rules"] * 2}, [("/rules/1/name", "duplicate_name")]),
        (when({}), [("/rules/0/when", "empty")]),
        (when([]), [("/rules/0/when", "wrong_type")]),
        (when({"colour": 1}), [("/rules/0/when/colour", "unknown_field")]),
        (when({"all": []}), [("/rules/0/when/all", "empty")]),
        (when({"not": [ALWAYS]}), [("/rules/0/when/not", "wrong_type")]),
        (when({"price": {}}), [("/rules/0/when/price", "empty")]),
        (when({"price": {"min": 2.5}}), [("/rules/0/when/price/min", "wrong_type")]),
        (when({"price": {"min": -1}}), [("/rules/0/when/price/min", "out_of_range")]),
        (when({"price": {"min": 2, "max": 1}}), [("/rules/0/when/price/min", "min_above_max")]),
        (when({"price": None}), [("/rules/0/when/price", "wrong_type")]),
        (when({"any": [ALWAYS, {"price": {"mni": 1}}]}), [("/rules/0/when/any/1/price", "empty"),
                                                          ("/rules/0/when/any/1/price/mni", "unknown_field")]),
        (when({"gift_card": "yes"}), [("/rules/0/when/gift_card", "wrong_type")]),
        (when({"brand": []}), [("/rules/0/when/brand", "empty")]),
        (when({"brand": "Acme"}), [("/rules/0/when/brand", "wrong_type")]),
        (when({"brand": ["!"]}), [("/rules/0/when/brand/0", "bad_term")]),
        (when({"product": ["a b"]}), [("/rules/0/when/product/0", "bad_id")]),
        (when({"ships_to": ["ny"]}), [("/rules/0/when/ships_to/0", "unknown_state")]),
        (when({"text": {"in": ["name"]}}), [("/rules/0/when/text", "empty")]),
        (when({"text": {"any": []}}), [("/rules/0/when/text/any", "empty")]),
        (when({"text": {"any": ["*"]}}), [("/rules/0/when/text/any/0", "bad_term")]),
        (when({"text": {"any": ["a*b"]}}), [("/rules/0/when/text/any/0", "bad_term")]),
        (when({"text": {"any": [" "]}}), [("/rules/0/when/text/any/0", "blank")]),
        (when({"text": {"any": ["a"], "in": ["colour"]}}), [("/rules/0/when/text/in/0", "unknown_choice")]),
        (when({"text": {"any": ["a"], "in": ["attribute:"]}}), [("/rules/0/when/text/in/0", "unknown_choice")]),
        (when(nested(DEEPEST + 1)), [("/rules/0/when" + "/not" * DEEPEST, "too_deep")]),
        (when({"any": [ALWAYS] * LARGEST}), [(f"/rules/0/when/any/{LARGEST - 1}", "too_large")]),
        (collection(handle="A"), [("/collections/0/handle", "bad_handle")]),
        (collection(title=None), [("/collections/0/title", "required")]),
        (collection(image="http://a.example"), [("/collections/0/image", "bad_url")]),
        (collection(image="https://a@b.example"), [("/collections/0/image", "bad_url")]),
        (collection(sort="random"), [("/collections/0/sort", "unknown_choice")]),
        (collection(limit=0), [("/collections/0/limit", "out_of_range")]),
        (collection(pins=["a", "b"], limit=1), [("/collections/0/pins", "too_many")]),
        (collection(products=["a", "a"]), [("/collections/0/products/1", "repeated")]),
        (collection(parent="one"), [("/collections/0/parent", "nested_too_deep")]),
        (collection(parent="two"), [("/collections/0/parent", "unknown_collection")]),
        ({"collections": collection()["collections"] * 2}, [("/collections/1/handle", "duplicate_handle")]),
        ({"overrides": {"a b": {"title": "A"}}}, [("/overrides/a b", "bad_id")]),
        ({"overrides": {"a": {}}}, [("/overrides/a", "empty")]),
        ({"overrides": {"a": {"title": ""}}}, [("/overrides/a/title", "blank")]),
        ({"overrides": {"a": {"hidden": 1}}}, [("/overrides/a/hidden", "wrong_type")]),
        ({"overrides": {"a": {"featured_rank": -1}}}, [("/overrides/a/featured_rank", "out_of_range")]),
        ({"overrides": {"a": {"images": ["x", 7]}}}, [("/overrides/a/images/1", "wrong_type")]),
    ],
)  # fmt: skip
def test_each_fault_is_pointed_at(document: object, faults: list[tuple[str, str]]) -> None:
    assert sorted(refused(document)) == sorted(faults)


def test_a_third_level_of_collections_is_one_too_many() -> None:
    chain = [
        {"handle": "a", "title": "A"},
        {"handle": "b", "title": "B", "parent": "a"},
        {"handle": "c", "title": "C", "parent": "b"},
    ]
    assert refused({"collections": chain}) == [("/collections/2/parent", "nested_too_deep")]
    assert read_curation({"collections": chain[:2]}).collections[1].parent == "a"


def test_all_faults_of_a_document_are_told_at_once() -> None:
    document = {
        "default": "all",
        "rules": [{"name": "", "when": {"price": {"min": "1"}, "brnd": []}, "boost": 0.5}, {"nme": "x"}],
        "collections": [{"handle": "ok", "title": 5}],
        "overrides": {"a": {"title": 1, "rank": 2}},
    }
    assert refused(document) == [
        ("/default", "unknown_choice"),
        ("/rules/0/when/brnd", "unknown_field"),
        ("/rules/0/when/price/min", "wrong_type"),
        ("/rules/0/name", "blank"),
        ("/rules/0/boost", "wrong_type"),
        ("/rules/1/nme", "unknown_field"),
        ("/rules/1/name", "required"),
        ("/rules/1/when", "required"),
        ("/collections/0/title", "wrong_type"),
        ("/overrides/a/rank", "unknown_field"),
        ("/overrides/a/title", "wrong_type"),
    ]


def test_a_misspelt_field_is_guessed() -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_curation(rule(colections=[]))
    assert "perhaps collections is meant" in caught.value.faults[0].detail


def test_what_is_written_reads_the_same() -> None:
    document = {
        "default": "exclude",
        "rules": [{"name": "One", "when": {"text": {"any": ["a"]}}, "action": "include", "collections": ["b"]}],
        "collections": [
            {"handle": "b", "title": "B", "products": ["p"]},
            {"handle": "c", "title": "C", "when": ALWAYS},
        ],
        "overrides": {"p": {"title": "T", "subtitle": "", "images": ["i"], "hidden": True, "featured_rank": 0}},
    }
    curation, speaks_of_overrides = read_file(document)
    assert speaks_of_overrides
    assert read_file(write_file(curation))[0] == curation
    written = write_curation(curation)
    assert written["collections"][0]["sort"] == "manual"
    assert written["collections"][1]["sort"] == "featured"
    assert read_file(written)[1] is False
    assert write_file(curation)["overrides"] == document["overrides"]


def test_an_override_that_says_nothing_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        read_override({"title": None})
    assert read_override({"hidden": False}).write() == {}


JUNK: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)
SOUND: Final[dict[str, Any]] = {
    "default": "include",
    "rules": [
        {
            "name": "One",
            "when": {
                "any": [{"text": {"any": ["a"], "in": ["name"]}}, {"not": {"price": {"min": 1}}}, {"brand": ["b"]}],
                "ships_to": ["NY"],
            },
            "tags": ["t"],
            "collections": ["c"],
            "boost": 1,
        }
    ],
    "collections": [{"handle": "c", "title": "C", "when": {"tag": ["t"]}, "pins": ["p"], "sort": "name", "limit": 3}],
    "overrides": {"p": {"title": "T", "images": ["i"], "hidden": True, "featured_rank": 1}},
}


def _places(tree: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner: list[tuple[str | int, object]] = []
    if isinstance(tree, dict):
        inner = list(tree.items())
    elif isinstance(tree, list):
        inner = list(enumerate(tree))
    return [at, *(place for key, value in inner for place in _places(value, (*at, key)))]


@settings(max_examples=200, deadline=None)
@given(place=st.sampled_from(_places(SOUND)), junk=JUNK)
def test_any_json_is_read_or_refused_with_pointers(place: tuple[str | int, ...], junk: object) -> None:
    document: Any = copy.deepcopy({"root": SOUND})
    within: Any = document
    for key in ("root", *place)[:-1]:
        within = within[key]
    within[("root", *place)[-1]] = junk
    refusal = None
    try:
        curation, _ = read_file(document["root"])
        Evaluation(curation, {}).place(product(), SINCE)
    except InvalidInputError as error:
        refusal = error
    if refusal is not None:
        assert refusal.faults
        assert all(fault.pointer == "" or fault.pointer.startswith("/") for fault in refusal.faults)

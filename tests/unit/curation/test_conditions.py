"""What each condition means, one by one."""

from typing import Any

import pytest

from catalog_sync.curation.checking import Faults
from catalog_sync.curation.conditions import check_condition
from catalog_sync.curation.predicates import Compiler
from catalog_sync.curation.subject import Subject
from foundation.goody.resources import Product

from .goods import brand, product


def holds(condition: dict[str, Any], of: Product, brand_size: int = 7, *, tags: tuple[str, ...] = ()) -> bool:
    faults = Faults()
    check_condition(condition, "", faults)
    faults.raise_any("not sound")
    subject = Subject(of, brand_size, is_gift_collection=of.id == "choice")
    compiler = Compiler()
    compiled = compiler.compile(condition)
    subject.marks = compiler.lexicons.find(subject) | compiler.lexicons.tag_marks(tags)
    is_met = compiled.holds(subject)
    assert not is_met or not compiled.needed or subject.marks & compiled.needed
    return is_met


@pytest.mark.parametrize(
    ("name", "term", "is_found"),
    [
        ("Soy Candle", "candle", True),
        ("Soy Candles", "candle", False),
        ("Soy Candles", "candle*", True),
        ("Scandle", "candle*", False),
        ("Scandle", "*candle", True),
        ("Strawberry Jam", "berry", False),
        ("Strawberry Jam", "*berry*", True),
        ("Strawberry Jam", "*BERRY", True),
        ("Thank You Box", "thank you", True),
        ("Thank Them, You", "thank you", False),
        ("You Thank", "thank you", False),
        ("A thank-you  box", "Thank You", True),
        ("Thank Yous", "thank you*", True),
        ("Thank Them", "thank you*", False),
        ("Tea Chest", "tea light*", False),
        ("ΚΑΦΈΣ", "καφες", True),
        ("CRÈME BRÛLÉE", "creme brulee", True),
        ("Creme", "crème", True),
        ("Mother’s Day", "mothers day", True),
        ("Mothers Day", "mother's day", True),
        ("Straße", "STRASSE", True),
        ("Salt & Pepper", "salt pepper", True),
        ("T-Shirt", "t-shirt", True),
        ("Knife_Set", "knife", True),
        ("12 oz", "12", True),
        ("", "a", False),
    ],
)
def test_terms_are_whole_words_in_their_order(name: str, term: str, *, is_found: bool) -> None:
    assert holds({"text": {"any": [term]}}, product(name=name)) is is_found


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ({"any": ["candle", "soap"]}, True),
        ({"any": ["soap", "bath*"]}, False),
        ({"all": ["soy", "candle"]}, True),
        ({"all": ["soy", "soap"]}, False),
        ({"none": ["soap"]}, True),
        ({"none": ["soap", "candle"]}, False),
        ({"any": ["candle"], "none": ["soy"]}, False),
        ({"any": ["candle"], "all": ["soy"], "none": ["soap"]}, True),
    ],
)
def test_any_all_and_none_must_hold_together(text: dict[str, Any], *, is_found: bool) -> None:
    assert holds({"text": text}, product()) is is_found


def test_each_field_is_looked_in_where_it_is_named() -> None:
    attributes = [
        {"label": "Materials", "content": "<p>Bees<b>wax</b> &amp; cotton</p>"},
        {"label": "Care", "content": "Trim the wick"},
    ]
    one = product(
        name="In name",
        subtitle="In subtitle",
        subtitle_short="Short",
        recipient_description="In description",
        attributes=attributes,
        variants=[{"id": "v", "name": "Large / Red"}],
    )
    places = {
        "name": "name",
        "subtitle": "short",
        "description": "description",
        "attributes": "wick",
        "attribute:MATERIALS": "cotton",
        "brand": "cafe",
        "variants": "large red",
    }
    for field, term in places.items():
        assert holds({"text": {"any": [term], "in": [field]}}, one), field
        others = [other for other in places if other != field and not {field, other} <= {"attributes", *_ATTRIBUTE}]
        assert not holds({"text": {"any": [term], "in": others}}, one), field
    assert holds({"text": {"any": ["subtitle"]}}, one)
    assert not holds({"text": {"any": ["description"]}}, one)


_ATTRIBUTE = {"attribute:MATERIALS"}


def test_a_phrase_does_not_reach_from_one_field_into_the_next() -> None:
    two = product(name="Gift", subtitle="Card", subtitle_short="Box")
    assert not holds({"text": {"any": ["gift card", "card box"]}}, two)
    assert holds({"text": {"all": ["gift", "card"]}}, two)


CANDLE = product(
    brand=brand(brand_values=["Female Founded"], commerce_revshare_excluded=True),
    restricted_states=("AK", "HI"),
    variants=[{"id": "a", "name": "A"}, {"id": "b", "name": "B"}],
)


@pytest.mark.parametrize(
    ("condition", "is_met"),
    [
        ({"always": True}, True),
        ({"always": False}, False),
        ({"brand": ["orsted cafe"]}, False),
        ({"brand": ["ørsted café", "x"]}, True),
        ({"brand": ["brand-1"]}, True),
        ({"brand": ["brand-2"]}, False),
        ({"brand_value": ["female founded"]}, True),
        ({"brand_value": ["Vegan"]}, False),
        ({"brand_size": {"min": 7}}, True),
        ({"brand_size": {"min": 8}}, False),
        ({"price": {"min": 2500, "max": 2500}}, True),
        ({"price": {"max": 2499}}, False),
        ({"price": {"min": 2501}}, False),
        ({"price_with_shipping": {"min": 3000, "max": 3000}}, True),
        ({"variants": {"min": 2, "max": 2}}, True),
        ({"has_variants": True}, True),
        ({"has_variants": False}, False),
        ({"variable_price": False}, True),
        ({"revenue_share_excluded": True}, True),
        ({"restricted_in": ["HI", "NY"]}, True),
        ({"restricted_in": ["NY"]}, False),
        ({"ships_to": ["NY", "CA"]}, True),
        ({"ships_to": ["NY", "HI"]}, False),
        ({"product": ["product-1"]}, True),
        ({"product": ["product-2"]}, False),
        ({"tag": ["Cosy"]}, True),
        ({"tag": ["other"]}, False),
        ({"not": {"price": {"max": 1}}}, True),
        ({"any": [{"price": {"max": 1}}, {"always": True}]}, True),
        ({"all": [{"price": {"max": 1}}, {"always": True}]}, False),
        ({"price": {"max": 9999}, "variants": {"min": 3}}, False),
    ],
)
def test_conditions(condition: dict[str, Any], *, is_met: bool) -> None:
    assert holds(condition, CANDLE, tags=("cosy",)) is is_met


def test_shipping_is_free_from_its_minimum_upward() -> None:
    assert holds({"price_with_shipping": {"max": 5000}}, product(price=5000))
    assert not holds({"price_with_shipping": {"max": 5000}}, product(price=4999))


@pytest.mark.parametrize(
    ("fields", "is_card"),
    [
        ({"name": "Dinner Gift Card"}, True),
        ({"name": "e-Gift for Tea"}, True),
        ({"name": "Giftcards"}, True),
        ({"name": "Dinner Card", "price_is_variable": True}, True),
        ({"name": "Card Game"}, False),
        ({"name": "Flex Gift", "price_is_variable": True}, False),
        ({"name": "Pick a Card", "price_is_variable": True, "id": "choice"}, False),
    ],
)
def test_a_gift_card_calls_itself_one(fields: dict[str, Any], *, is_card: bool) -> None:
    assert holds({"gift_card": True}, product(**fields)) is is_card


def test_a_gift_collection_is_known_by_its_product() -> None:
    assert holds({"gift_collection": True}, product(id="choice"))
    assert holds({"gift_collection": False}, product())

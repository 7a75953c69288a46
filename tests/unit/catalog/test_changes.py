"""What became of a thing, and the fields that tell, each with before and after."""

from typing import Any

import msgspec
import pytest

from catalog_sync.crawling.changes import LONGEST_VALUE, Change, Found, appeared, differs, vanished
from catalog_sync.kinds import Kind
from foundation.goody.resources import Brand, Product


def sent(**fields: Any) -> bytes:
    return msgspec.json.encode({"id": "p", "name": "Cookies", "price": 1000, "status": "active"} | fields)


def found(before: bytes, after: bytes, *, was_present: bool = True) -> Found:
    return differs(Kind.PRODUCT, before, after, was_present=was_present)


def test_fields_are_named_with_before_and_after_down_to_members_of_objects() -> None:
    before = sent(brand={"id": "b", "shipping_price": 500}, variants=[1, 2], gone="x")
    after = sent(brand={"id": "b", "shipping_price": 0}, variants=[2], new=None, price=1200)
    each = found(before, after)
    assert (each.change, each.name, each.is_repriced, each.leaves) == (Change.CHANGED, "Cookies", True, False)
    assert each.fields == {
        "brand.shipping_price": [500, 0],
        "gone": ["x", None],
        "price": [1000, 1200],
        "variants": [[1, 2], [2]],
    }


def test_another_order_of_keys_alone_changes_no_field() -> None:
    before = sent()
    after = b"{ " + b", ".join(reversed(before[1:-1].split(b","))) + b" }"
    assert found(before, after) == Found(Change.CHANGED, "Cookies", {})


@pytest.mark.parametrize(
    ("before", "after", "was_present", "change", "leaves"),
    [
        ("active", "inactive", True, Change.RETIRED, True),
        ("inactive", "active", True, Change.RETURNED, False),
        ("inactive", "inactive", True, Change.CHANGED, False),
        ("active", "active", False, Change.RETURNED, False),
        ("active", "inactive", False, Change.RETURNED, False),
    ],
)
def test_on_and_off_sale(before: str, after: str, was_present: bool, change: Change, leaves: bool) -> None:  # noqa: FBT001
    each = found(sent(status=before), sent(status=after, price=1), was_present=was_present)
    assert (each.change, each.leaves, each.is_repriced) == (change, leaves, was_present)


@pytest.mark.parametrize(("status", "leaves"), [("active", True), ("inactive", False)])
def test_what_vanished_left_if_it_was_on_sale(status: str, leaves: bool) -> None:  # noqa: FBT001
    assert vanished(Kind.PRODUCT, sent(status=status)) == Found(Change.RETIRED, "Cookies", {}, leaves=leaves)


def test_names_that_no_database_stores_are_cleaned_and_cut() -> None:
    product = Product("p", "A\x00B\ud800é" + "x" * 300, Brand("b", "Baker"), 1, price_is_variable=False)
    assert appeared(product).name == ("ABé" + "x" * 300)[:200]
    assert vanished(Kind.COLLECTION, b'{"title": "Office"}').name == "Office"
    assert vanished(Kind.CARD, b'{"name": 7}').name is None


def test_very_long_values_are_kept_in_part() -> None:
    each = found(sent(text="a"), sent(text="b" * 2 * LONGEST_VALUE))
    assert each.fields == {"text": ["a", "b" * LONGEST_VALUE + "…"]}

"""Tolerant of what Goody adds, strict on money, and one bad item does not lose its page."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import GoodyUnreadableError
from foundation.goody import reading
from foundation.goody.pages import BrokenItem, Page
from foundation.goody.resources import Order, OrderBatch, Product

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
READERS: list[Callable[[bytes], object]] = [
    reading.read_brand,
    reading.read_card,
    reading.read_gift_collection,
    reading.read_me,
    reading.read_payment_method,
    reading.read_product,
    reading.read_order,
    reading.read_order_activity,
    reading.read_order_batch,
    reading.read_price,
]


def product(**changes: object) -> dict[str, Any]:
    return {
        "id": "p1",
        "name": "Cookies",
        "brand": {"id": "b1", "name": "Baker", "shipping_price": 500},
        "price": 1000,
        "price_is_variable": False,
    } | changes


def order(**changes: object) -> dict[str, Any]:
    return {
        "id": "o1",
        "status": "created",
        "recipient_first_name": "Bo",
        "cart": {"id": "c1", "items": []},
        "amounts": {"amount_product": 1000, "amount_shipping": 500, "amount_pre_tax_total": 1500},
    } | changes


def read_product(**changes: object) -> Product:
    return reading.read_product(msgspec.json.encode(product(**changes)))


def read_order(**changes: object) -> Order:
    return reading.read_order(msgspec.json.encode(order(**changes)))


def test_what_is_missing_has_its_default() -> None:
    read = read_product()

    assert read.status == "active"
    assert read.updated_at is None
    assert read.variants == ()
    assert read.restricted_states == ()
    assert read.brand.commerce_revshare_excluded is None
    assert read.brand.free_shipping_minimum is None


def test_unknown_fields_and_values_are_no_reason_to_stop() -> None:
    assert read_product(status="retired", colour="blue", brand={"id": "b", "name": "B", "x": {}}).status == "retired"
    assert read_order(status="pending_user_approval", more=[1]).status == "pending_user_approval"


def test_a_null_where_a_list_or_text_belongs_counts_as_missing() -> None:
    read = read_product(variants=None, images=None, status=None, attributes=None)

    assert (read.variants, read.images, read.status, read.attributes) == ((), (), "active", ())
    assert read_order(shipments=None, cart_selections=None, is_swapped=None).shipments == ()


@pytest.mark.parametrize("price", [10.5, 1e300, float(2**63), "1000", True, None, [1000], 2**63, -(2**63) - 1])
def test_money_is_a_whole_number_of_cents_or_refused(price: object) -> None:
    with pytest.raises(GoodyUnreadableError, match=r"\$\.price|missing required field `price`"):
        read_product(price=price)
    amounts = {"amount_product": price, "amount_shipping": 0, "amount_pre_tax_total": 0}
    with pytest.raises(GoodyUnreadableError, match="amount_product"):
        read_order(amounts=amounts)


def test_whole_cents_may_be_written_with_a_decimal_point() -> None:
    amounts = {"amount_product": 2500.0, "amount_shipping": 0.0, "amount_pre_tax_total": 2500.0}
    read = read_order(amounts=amounts).amounts
    assert read is not None
    assert (read_product(price=1000.0).price, read.product, read.shipping) == (1000, 2500, 0)
    assert isinstance(read.product, int)


def test_amounts_not_sent_or_null_are_what_they_mean() -> None:
    amounts = read_order(
        amounts={
            "amount_product": 1000,
            "amount_shipping": 500,
            "amount_pre_tax_total": 1500,
            "amount_processing_fee": None,
            "amount_tax": None,
        }
    ).amounts

    assert (amounts.processing_fee, amounts.credit_applied) == (0, 0)
    assert (amounts.tax, amounts.total, amounts.global_relay_cost) == (None, None, None)


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-03T12:00:00Z",
        "2026-06-03T12:00:00+0000",
        "2026-06-03T12:00:00+00:00",
        "2026-06-03T08:00:00-04:00",
        "2026-06-03T12:00:00",
        "2026-06-03T12:00:00.000Z",
    ],
)
def test_moments_come_out_in_utc(text: str) -> None:
    for moment in (read_product(updated_at=text).updated_at, read_order(expires_at=text).expires_at):
        assert moment == datetime(2026, 6, 3, 12, tzinfo=UTC)
        assert moment is not None
        assert moment.tzinfo is UTC


@pytest.mark.parametrize("text", ["yesterday", "", "0001-01-01T00:00:00+10:00", "2026-13-01T00:00:00Z"])
def test_an_impossible_moment_is_unreadable(text: str) -> None:
    with pytest.raises(GoodyUnreadableError):
        read_product(updated_at=text)


def test_personal_data_is_in_no_repr() -> None:
    sender = {"first_name": "Ann", "last_name": "Lee", "email": "ann@example.com"}
    one = order(recipient_email="bo@example.com", message="Thanks", individual_gift_link="https://g/1", sender=sender)
    batch = {"id": "b1", "send_status": "complete", "from_name": "Ann", "orders_preview": [one], "sender": sender}

    read = reading.read_order_batch(msgspec.json.encode(batch))

    assert repr(read) == "OrderBatch(id='b1', send_status='complete')"
    assert repr(read.orders_preview) == "(Order(id='o1', status='created'),)"
    assert "Ann" not in repr(read.sender)


def test_one_broken_item_does_not_lose_its_page() -> None:
    data = [product(), product(id="p2", price="10.00"), 7, {"id": 8}, product(id="p3")]
    body = msgspec.json.encode({"data": data, "list_meta": {"total_count": 5}})

    page = reading.read_page(body, reading.with_raw(reading.read_product))

    assert [item.value.id for item in page.items] == ["p1", "p3"]
    assert page.items[0].raw == msgspec.json.encode(data[0])
    assert page.total_count == 5
    assert [item.id for item in page.broken] == ["p2", None, None]
    assert page.broken[0].reason == "Goody sent no readable Product: Expected `int`, got `str` - at `$.price`"


def test_the_raw_bytes_are_goodys_own() -> None:
    raw = b'{"price": 1000,  "brand":{"name":"B","id":"b"}, "new": 1.50, "id":"p","name":"N","price_is_variable":true}'

    page = reading.read_page(b'{"data": [ ' + raw + b" ]}", reading.with_raw(reading.read_product))

    assert page.items[0].raw == raw
    assert page.total_count is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"data": {}}', b'{"data": null}', b'{"error": "No."}'])
def test_what_is_no_page_is_unreadable(body: bytes) -> None:
    with pytest.raises(GoodyUnreadableError):
        reading.read_page(body, reading.read_order)


def test_an_empty_page_is_a_page() -> None:
    assert reading.read_page(b'{"data": [], "list_meta": {"total_count": 0}}', reading.read_order) == Page((), 0, ())


def test_bad_utf8_in_one_item_breaks_that_item_only() -> None:
    good = msgspec.json.encode(product())
    bad = good.replace(b"Cookies", b"Cook\xffes")

    page = reading.read_page(b'{"data":[' + good + b"," + bad + b"]}", reading.read_product)

    assert len(page.items) == 1
    assert [type(item) for item in page.broken] == [BrokenItem]


@given(JSON, st.data())
def test_no_json_breaks_a_reader(tree: object, data: st.DataObject) -> None:
    # Goody's shape with anything at all in one of its places, and anything at all instead of it.
    shape = data.draw(
        st.sampled_from([product(), order(), {"id": "b", "send_status": "x", "orders_preview": [order()]}])
    )
    changed = shape | {data.draw(st.sampled_from(sorted(shape))): tree}
    for raw in (msgspec.json.encode(tree), msgspec.json.encode(changed)):
        for read in READERS:
            try:
                read(raw)
            except GoodyUnreadableError as error:
                assert error.detail.startswith("Goody sent no readable ")  # noqa: PT017 - reading well is fine too


@given(st.binary(max_size=60))
def test_no_bytes_break_a_reader(raw: bytes) -> None:
    for read in READERS:
        try:
            read(raw)
        except GoodyUnreadableError as error:
            assert error.detail  # noqa: PT017


def test_a_full_page_is_read_in_milliseconds() -> None:
    variants = [{"id": f"v{n}", "name": f"Grey / {n}", "image_large": {"url": "https://x"}} for n in range(20)]
    item = product(variants=variants, recipient_description="x" * 2000, updated_at="2026-06-03T12:00:00Z")
    body = msgspec.json.encode({"data": [item] * 100, "list_meta": {"total_count": 100}})

    def seconds() -> float:
        began = time.perf_counter()
        assert len(reading.read_page(body, reading.with_raw(reading.read_product)).items) == 100
        return time.perf_counter() - began

    # The best of several: a busy machine is no fault of the reader. Generous against the 2 ms that it takes.
    assert min(seconds() for _ in range(5)) < 0.05


def test_a_batch_from_a_webhook_and_one_from_the_api_are_the_same_value() -> None:
    api: dict[str, Any] = {"id": "b", "send_status": "complete", "orders_count": 1}
    api["orders_preview"] = [order(order_batch_id="b", individual_gift_link="https://g/1")]
    webhook: dict[str, Any] = {"id": "b", "send_status": "complete", "gifts_count": 1}
    webhook["gifts_preview"] = [order(gift_batch_id="b", individual_gift_link_shared="https://g/1")]

    read: list[OrderBatch] = [reading.read_order_batch(msgspec.json.encode(tree)) for tree in (api, webhook)]

    assert read[0] == read[1]
    assert read[0].orders_preview[0].individual_gift_link == "https://g/1"

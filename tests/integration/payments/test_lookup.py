"""Finding a batch by our reference, over however many pages, and never taking "can't tell" for "not there"."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from foundation.errors import GoodyNotFoundError, GoodyUnavailableError, GoodyUnreadableError
from foundation.goody.client import SANDBOX, GoodyClient, connect
from foundation.http import Retries
from payments.lookup import find_batch, with_all_orders

SINCE = datetime(2026, 6, 1, tzinfo=UTC)
MONEY = {"amount_product": 1, "amount_shipping": 1, "amount_pre_tax_total": 2}

Json = dict[str, Any]


class Shelf:
    """A Goody that holds these batches and orders, and notes what it is asked."""

    def __init__(self, batches: Sequence[Json] = (), recent: Sequence[Json] = ()) -> None:
        self.lists: dict[str, Sequence[Json]] = {"/v1/order_batches": batches, "/v1/orders": recent}
        self.single = {f"/v1/order_batches/{batch['id']}": batch for batch in batches}
        self.asked: list[str] = []

    def client(self, answer: Callable[[httpx.Request], httpx.Response] | None = None) -> GoodyClient:
        transport = httpx.MockTransport(answer or self.answer)
        return connect(SANDBOX, "key", retries=Retries(tries=1), transport=transport)

    def answer(self, request: httpx.Request) -> httpx.Response:
        path, params = request.url.path, request.url.params
        self.asked.append(path)
        if path in self.single:
            return httpx.Response(200, json=self.single[path])
        if path not in self.lists:
            return httpx.Response(404, json={"error": "Order batch not found"})
        page, size = int(params["page"]), int(params["per_page"])
        rows = self.lists[path][(page - 1) * size : page * size]
        return httpx.Response(200, json={"data": list(rows), "list_meta": {"total_count": len(self.lists[path])}})


def test_it_is_found_by_way_of_its_orders_beyond_the_first_page() -> None:
    batches = [_batch(number) for number in range(150)]
    shelf = Shelf(batches, [_order(number, batch=number // 2) for number in range(300)])
    found = find_batch(shelf.client(), "ob_149", SINCE)
    assert found is not None
    assert found.id == "batch-149"
    assert "/v1/order_batches" not in shelf.asked
    assert len(shelf.asked) == len(set(shelf.asked)) + shelf.asked.count("/v1/orders") - 1, "a batch was asked twice"


def test_a_batch_without_orders_is_found_beyond_the_first_page_of_batches() -> None:
    shelf = Shelf([_batch(number) for number in range(250)])
    found = find_batch(shelf.client(), "ob_249", SINCE)
    assert found is not None
    assert (found.id, shelf.asked.count("/v1/order_batches")) == ("batch-249", 3)


def test_what_no_page_shows_is_not_there() -> None:
    shelf = Shelf([_batch(number) for number in range(201)], [_order(number, batch=number) for number in range(3)])
    assert find_batch(shelf.client(), "ob_999", SINCE) is None
    assert shelf.asked.count("/v1/order_batches") == 4


def test_only_orders_made_since_are_asked_for() -> None:
    shelf, queries = Shelf(), list[httpx.QueryParams]()

    def note(request: httpx.Request) -> httpx.Response:
        queries.append(request.url.params)
        return shelf.answer(request)

    assert find_batch(shelf.client(note), "ob_1", SINCE) is None
    assert queries[0]["created_at[after]"] == "2026-06-01T00:00:00Z"


@pytest.mark.parametrize("listing", ["/v1/orders", "/v1/order_batches"])
def test_an_item_that_cannot_be_read_may_be_the_one(listing: str) -> None:
    shelf = Shelf([_batch(1)])
    shelf.lists[listing] = [{"id": "x", "status": 7, "send_status": 7}]
    with pytest.raises(GoodyUnreadableError):
        find_batch(shelf.client(), "ob_1" if listing == "/v1/orders" else "ob_2", SINCE)


def test_a_list_that_breaks_off_tells_nothing() -> None:
    shelf = Shelf([_batch(number) for number in range(250)])

    def fail_on_the_third_page(request: httpx.Request) -> httpx.Response:
        is_third = request.url.path == "/v1/order_batches" and request.url.params["page"] == "3"
        return httpx.Response(503) if is_third else shelf.answer(request)

    with pytest.raises(GoodyUnavailableError):
        find_batch(shelf.client(fail_on_the_third_page), "ob_999", SINCE)


def test_a_recent_batch_that_cannot_be_asked_for_tells_nothing() -> None:
    shelf = Shelf([_batch(1)], [_order(1, batch=77)])
    with pytest.raises(GoodyNotFoundError):
        find_batch(shelf.client(), "ob_999", SINCE)


def test_a_batch_gets_all_its_orders_over_all_pages() -> None:
    shelf = Shelf([_batch(1, orders_count=130)])
    shelf.lists["/v1/order_batches/batch-1/orders"] = [_order(number, batch=1) for number in range(130)]
    client = shelf.client()
    whole = with_all_orders(client, client.order_batch("batch-1"))
    assert [order.id for order in whole.orders_preview] == [f"order-{number}" for number in range(130)]
    assert whole.customer_reference_id == "ob_1"


def test_a_batch_that_shows_all_its_orders_is_not_asked_about() -> None:
    shelf = Shelf([_batch(1, orders_count=1, orders_preview=[_order(1, batch=1)])])
    client = shelf.client()
    batch = client.order_batch("batch-1")
    shelf.asked.clear()
    assert with_all_orders(client, batch) is batch
    assert shelf.asked == []


def _batch(number: int, **more: object) -> Json:
    return {"id": f"batch-{number}", "send_status": "complete", "customer_reference_id": f"ob_{number}", **more}


def _order(number: int, *, batch: int) -> Json:
    made: Json = json.loads(json.dumps({"cart": {}, "amounts": MONEY}))
    return {"id": f"order-{number}", "status": "created", "order_batch_id": f"batch-{batch}", **made}

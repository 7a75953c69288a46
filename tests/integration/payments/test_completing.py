"""Completing a checkout while others complete it, change it, or the world around it changes."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from foundation.database import Sessions
from tests.integration.payments.stage import Wired, another_process, batch_row, counted, place_order, sweep_after
from tests.shop import Shop

PRICE = "/v1/order_batches/price"


def test_a_completion_that_another_one_overtakes_names_its_batch(shop: Shop) -> None:
    checkout = shop.checkout()
    first: list[str] = []
    _once_after_reading(
        shop.services.sessions, "order_batches", lambda: first.append(_completed_elsewhere(shop, checkout))
    )
    response = shop.complete(checkout)
    assert response.status_code == 201
    assert [response.get_json()["id"]] == first
    assert (shop.goody.posts(), len(shop.goody.batches)) == (1, 1)
    assert counted(shop)["order_batch.submitted"] == 1


def test_a_checkout_that_is_ordered_meanwhile_is_not_changed(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    checkout = shop.checkout()

    def order_it_first(request: httpx.Request) -> httpx.Response:
        _completed_elsewhere(shop, checkout)
        return wire.pass_on(request)

    wire.step_in("POST", PRICE, order_it_first)
    change = {"recipients": [{"first_name": "Somebody"}, {"first_name": "Else"}]}
    response = shop.call("PATCH", f"/v1/checkouts/{checkout['id']}", change)
    assert response.status_code == 409
    shown = shop.call("GET", f"/v1/checkouts/{checkout['id']}").get_json()
    assert (shown["recipients"], shown["quote"]) == (checkout["recipients"], checkout["quote"])
    assert [batch["recipients_count"] for batch in shop.goody.batches] == [1]


def test_a_product_that_leaves_the_catalog_while_it_is_priced_is_named(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire

    def withdraw_it(request: httpx.Request) -> httpx.Response:
        with shop.services.sessions.begin() as session:
            session.execute(sa.text("DELETE FROM listings"))
        return wire.pass_on(request)

    wish = shop.wish()
    wire.step_in("POST", PRICE, withdraw_it)
    response = shop.call("POST", "/v1/checkouts", wish)
    assert response.status_code == 201
    completed = shop.complete(response.get_json())
    assert (completed.status_code, completed.get_json()["code"]) == (409, "product_unavailable")
    assert wire.sent_batches() == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_goody_no_longer_takes_is_not_the_shoppers_fault(shop: Shop, status: int) -> None:
    shop.goody.fail(kind="status", status=status, method="POST", path=PRICE)
    response = shop.call("POST", "/v1/checkouts", shop.wish())
    assert response.status_code == 502
    assert shop.goody.batches == []


def test_what_goody_will_not_price_is_a_problem_of_the_checkout(shop: Shop) -> None:
    shop.goody.fail(kind="status", status=400, method="POST", path=PRICE)
    made = shop.checkout()
    assert (made["status"], made["quote"]) == ("open", None)
    assert [problem["code"] for problem in made["problems"]] == ["not_priced"]


def test_no_connection_of_the_database_is_held_while_goody_is_asked(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    pool = shop.services.sessions.engine.pool
    held: list[tuple[str, int]] = []
    assert isinstance(pool, sa.QueuePool)
    wire.watch = lambda request: held.append((request.url.path, pool.checkedout()))

    wire.step_in("POST", "/v1/order_batches", wire.lose_answer)
    assert shop.complete(shop.checkout()).status_code == 202
    sweep_after(shop, seconds=31)
    unknown_batch = place_order(shop)
    shop.services.accounts.client(shop.app_id).create_order_batch(batch_row(shop, unknown_batch).payload.encode())
    order = shop.goody.batches[0]["orders_preview"][0]
    shop.hear("order.created", order)
    shop.goody.step(order["id"], "accept")
    shop.services.activities.poll_due()

    asked = {path for path, _ in held}
    assert asked >= {PRICE, "/v1/order_batches", "/v1/orders", "/v1/order_activities"}
    assert {connections for _, connections in held} == {0}


def _completed_elsewhere(shop: Shop, checkout: dict[str, Any]) -> str:
    with another_process(shop) as services:
        other = Shop(services, shop.goody, shop.clock, shop.app_id, shop.pk, shop.sk)
        response = other.complete(checkout)
        assert response.status_code == 201, response.text
        batch_id: str = response.get_json()["id"]
        return batch_id


def _once_after_reading(sessions: Sessions, table: str, act: Callable[[], object]) -> None:
    """Let something happen right after this process first looked into a table."""

    def step_in(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT") and table in statement and not done:
            done.append(statement)
            act()

    done: list[str] = []
    sa.event.listen(sessions.engine, "after_cursor_execute", step_in)

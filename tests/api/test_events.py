"""The event log: gapless, in order, for the backend alone, with the resource joined as it is now."""

import sqlalchemy as sa

from tests.api.answers import problem
from tests.api.neighbours import second_app
from tests.shop import Shop


def test_the_log_is_gapless_and_in_order(shop: Shop) -> None:
    for _ in range(3):
        shop.order()
    events = shop.events()
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert [event["timestamp"] for event in events] == sorted(event["timestamp"] for event in events)
    assert len({event["id"] for event in events}) == len(events)
    assert all(event["id"].startswith("evt_") for event in events)
    assert all(set(event) == {"id", "type", "timestamp", "sequence", "data"} for event in events)


def test_it_is_read_on_from_where_one_was(shop: Shop) -> None:
    for _ in range(2):
        shop.order()
    everything, read, after = shop.events(), [], 0
    while True:
        page = shop.call("GET", f"/v1/events?after={after}&limit=3").get_json()
        read += page["data"]
        if page["next_cursor"] is None:
            break
        assert len(page["data"]) == 3
        after = int(page["next_cursor"])
        assert after == page["data"][-1]["sequence"]
    assert read == everything
    end = shop.call("GET", f"/v1/events?after={everything[-1]['sequence']}").get_json()
    assert end == {"data": [], "next_cursor": None}


def test_the_link_header_goes_on(shop: Shop) -> None:
    shop.order()
    first = shop.call("GET", "/v1/events?limit=2")
    url = first.headers["Link"].removeprefix("<").removesuffix('>; rel="next"')
    assert url.endswith("after=2")
    assert [event["sequence"] for event in shop.call("GET", url).get_json()["data"]] == [3, 4]
    assert "Link" not in shop.call("GET", "/v1/events").headers


def test_24_at_a_time_unless_told_otherwise(shop: Shop) -> None:
    for _ in range(8):
        shop.order()
    assert len(shop.call("GET", "/v1/events").get_json()["data"]) == 24
    assert len(shop.call("GET", "/v1/events?limit=1").get_json()["data"]) == 1


def test_orders_and_batches_are_joined_as_the_api_shows_them(shop: Shop) -> None:
    order = shop.order()
    events = {event["type"]: event["data"] for event in shop.events()}
    assert events["order.created"] == shop.call("GET", f"/v1/orders/{order['id']}").get_json()
    batch = shop.call("GET", f"/v1/order_batches/{order['order_batch_id']}").get_json()
    assert events["order_batch.submitted"] == batch
    assert events["order_batch.completed"] == batch
    assert events["catalog.published"]["generation"] == 1


def test_a_page_takes_the_same_few_queries_however_long_it_is(shop: Shop) -> None:
    for _ in range(4):
        shop.order()
    counted: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        counted.append(statement)

    sa.event.listen(shop.services.sessions.engine, "before_cursor_execute", count)
    assert len(shop.services.events.after(shop.app_id, 1, 3)) == 3
    few = len(counted)
    counted.clear()
    assert len(shop.services.events.after(shop.app_id, 1, 12)) == 12
    sa.event.remove(shop.services.sessions.engine, "before_cursor_execute", count)
    assert len(counted) == few <= 8, counted


def test_a_link_joins_only_while_it_can_be_paid(shop: Shop) -> None:
    order = shop.order()
    shop.hear("order.gift_opened", shop.goody.step(order["id"], "open"))
    shop.hear("order.gift_accepted", shop.goody.step(order["id"], "accept"))

    def joined() -> str | None:
        ready = [event for event in shop.events() if event["type"] == "order.payment_link_ready"]
        assert len(ready) == 1
        link: str | None = ready[0]["data"]["payment_link"]
        return link

    assert joined() == shop.call("GET", f"/v1/orders/{order['id']}").get_json()["payment_link"]
    assert joined() is not None
    shop.goody.step(order["id"], "pay")
    shop.services.activities.poll_due()
    assert joined() is None


def test_the_log_itself_keeps_no_names_and_no_links(shop: Shop) -> None:
    order = shop.order()
    shop.hear("order.gift_opened", shop.goody.step(order["id"], "open"))
    shop.hear("order.gift_accepted", shop.goody.step(order["id"], "accept"))
    with shop.services.sessions.engine.connect() as connection:
        told = str(connection.exec_driver_sql("SELECT * FROM events").all())
    for personal in ("Wei", "http", order["individual_gift_link"]):
        assert personal not in told


def test_what_was_erased_leaves_that_it_happened(shop: Shop) -> None:
    order = shop.order()
    with shop.services.sessions.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM order_steps")
        connection.exec_driver_sql("DELETE FROM orders")
    created = next(event for event in shop.events() if event["type"] == "order.created")
    assert created["data"] == {"status": created["data"]["status"], "id": order["id"]}


def test_another_app_has_a_log_of_its_own(shop: Shop) -> None:
    shop.order()
    other = second_app(shop)
    page = shop.call("GET", "/v1/events", key=other.secret_key).get_json()
    assert page == {"data": [], "next_cursor": None}


def test_a_shopper_reads_no_log(shop: Shop) -> None:
    secret = shop.checkout(key=shop.pk)["client_secret"]
    problem(shop.call("GET", "/v1/events", key=shop.pk), 403, "forbidden")
    problem(shop.call("GET", "/v1/events", key=shop.pk, secret=secret), 403, "forbidden")

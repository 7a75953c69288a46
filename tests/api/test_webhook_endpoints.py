"""Webhook endpoints over REST: what they may be, what is shown of them, and whose they are."""

from dataclasses import replace

import pytest

from foundation.ids import new_token
from storefront.factory import create_app
from storefront.services import build_services
from tests.api.answers import faults, problem
from tests.api.neighbours import second_app
from tests.api.relaying import ENDPOINTS, deliver, new_endpoint, payable, read
from tests.integration.delivery.partner import partner_backend
from tests.shop import Shop


def test_a_secret_is_shown_once_and_never_again(shop: Shop) -> None:
    made = new_endpoint(shop)
    assert made["secret"].startswith("whsec_")
    assert made["event_types"] == ["*"]
    shown = shop.call("GET", f"{ENDPOINTS}/{made['id']}").get_json()
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    assert shop.call("GET", ENDPOINTS).get_json() == {"data": [shown]}
    with shop.services.sessions.engine.connect() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM webhook_endpoint_secrets").all())
    assert made["secret"].removeprefix("whsec_") not in kept


def test_a_replay_of_the_request_does_not_hold_the_secret(shop: Shop) -> None:
    headers = {"Idempotency-Key": new_token()}
    first, again = (shop.call("POST", ENDPOINTS, {"url": "http://127.0.0.1:9/"}, headers=headers) for _ in range(2))
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.get_json() == {name: value for name, value in first.get_json().items() if name != "secret"}
    assert len(shop.call("GET", ENDPOINTS).get_json()["data"]) == 1


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://shop.example.com/hooks", "https_required"),
        ("https://127.0.0.1/hooks", "not_public"),
        ("https://[::ffff:10.0.0.1]/hooks", "not_public"),
        ("https://[fd00::1]:8443/hooks", "not_public"),
        ("https://localhost/hooks", "not_public"),
        ("https://printer.local/hooks", "not_public"),
        ("https://user:secret@shop.example.com/hooks", "bad_url"),
        ("https://shop.example.com/hooks#here", "bad_url"),
        ("https:///hooks", "bad_url"),
        ("https://shop.example.com:99999/", "bad_url"),
        ("ftp://shop.example.com/", "bad_url"),
        ("shop.example.com", "bad_url"),
        ("https://shop.exämple.com/", "bad_url"),
    ],
)
def test_only_https_addresses_on_the_internet_will_do(shop: Shop, url: str, code: str) -> None:
    services = build_services(replace(shop.services.settings, allow_local_endpoints=False))
    strict = create_app(services).test_client()
    headers = {"Authorization": f"Bearer {shop.sk}"}
    try:
        assert faults(strict.post(ENDPOINTS, json={"url": url}, headers=headers)) == [("/url", code)]
        made = strict.post(ENDPOINTS, json={"url": "https://shop.example.com:8443/hooks?a=b"}, headers=headers)
        assert made.status_code == 201
        changed = strict.patch(f"{ENDPOINTS}/{made.get_json()['id']}", json={"url": url}, headers=headers)
        assert faults(changed) == [("/url", code)]
    finally:
        services.close()


def test_filters_that_name_no_event_are_misspelt(shop: Shop) -> None:
    wish = {"url": "http://127.0.0.1:9/", "event_types": ["order.*", "order.eaten", "orders.*", "catalog.published"]}
    assert faults(shop.call("POST", ENDPOINTS, wish)) == [
        ("/event_types/1", "unknown_event_type"),
        ("/event_types/2", "unknown_event_type"),
    ]


def test_a_change_is_made_to_what_its_caller_has_seen(shop: Shop) -> None:
    made = new_endpoint(shop)
    path = f"{ENDPOINTS}/{made['id']}"
    tag = shop.call("GET", path).headers["ETag"]
    changed = shop.call("PATCH", path, {"event_types": ["order.paid"]}, headers={"If-Match": tag})
    assert (changed.status_code, changed.get_json()["event_types"]) == (200, ["order.paid"])
    problem(shop.call("PATCH", path, {"description": "x"}, headers={"If-Match": tag}), 412, "precondition_failed")


def test_an_app_has_fifty_endpoints_at_most(shop: Shop) -> None:
    for _ in range(50):
        new_endpoint(shop)
    problem(shop.call("POST", ENDPOINTS, {"url": "http://127.0.0.1:9/"}), 409, "too_many_endpoints")


def test_deliveries_are_listed_newest_first_page_by_page(shop: Shop) -> None:
    made = new_endpoint(shop, event_types=["order.*"])
    payable(shop)
    deliver(shop)
    path = f"{ENDPOINTS}/{made['id']}/deliveries"
    everything = shop.call("GET", path).get_json()["data"]
    assert [each["event_type"] for each in everything if each["status"] == "pending"] == ["order.created"]
    assert {each["status"] for each in everything[:-1]} <= {"pending", "waiting"}
    assert all(each["attempts"][0]["error"].startswith("No connection") for each in everything if each["attempts"])
    walked, cursor = [], ""
    while cursor is not None:
        answer = shop.call("GET", f"{path}?limit=2{cursor and f'&cursor={cursor}'}").get_json()
        walked += answer["data"]
        cursor = answer["next_cursor"]
    assert walked == everything
    assert shop.call("GET", f"{path}?status=pending").get_json()["data"] == [
        each for each in everything if each["status"] == "pending"
    ]


def test_another_apps_endpoints_are_not_there(shop: Shop) -> None:
    made = new_endpoint(shop)
    other = second_app(shop).secret_key
    assert shop.call("GET", ENDPOINTS, key=other).get_json() == {"data": []}
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/deliveries"), ("POST", "/test")):
        problem(shop.call(method, f"{ENDPOINTS}/{made['id']}{path}", key=other), 404, "not_found")


def test_a_payment_link_goes_from_not_yet_to_ready_to_paid(shop: Shop) -> None:
    order = shop.order()
    assert read(shop, order["id"])["payment_link_status"] == "not_yet"
    for step, event in (("open", "gift_opened"), ("accept", "gift_accepted")):
        shop.hear(f"order.{event}", shop.goody.step(order["id"], step))
    assert read(shop, order["id"])["payment_link_status"] == "ready"
    shop.goody.step(order["id"], "pay")
    shop.services.activities.poll_due()
    paid = read(shop, order["id"])
    assert (paid["payment_link_status"], paid["payment_link"]) == ("paid", None)


def test_a_link_that_nobody_pays_lapses(shop: Shop) -> None:
    order = payable(shop)
    shop.clock.advance(days=15)
    shop.services.reminders.remind_due()
    assert read(shop, order["id"])["payment_link_status"] == "lapsed"


def test_a_link_that_reached_the_partner_is_delivered_and_once_paid_it_is_sent_no_more(shop: Shop) -> None:
    with partner_backend() as partner:
        endpoint = new_endpoint(shop, partner.url(), event_types=["order.payment_link_ready"])
        order = payable(shop)
        deliver(shop)
        assert partner.received[0].event["data"]["payment_link"] == order["payment_link"]
        assert read(shop, order["id"])["payment_link_status"] == "delivered"
        shop.goody.step(order["id"], "pay")
        shop.services.activities.poll_due()
        (delivery,) = shop.call("GET", f"{ENDPOINTS}/{endpoint['id']}/deliveries").get_json()["data"]
        assert shop.call("POST", f"/v1/deliveries/{delivery['id']}/redeliver").status_code == 202
        deliver(shop)
        first, again = partner.received
        assert (again.id, again.event["data"]["payment_link"]) == (first.id, None)
        assert order["payment_link"] not in again.body.decode()


def test_events_behind_the_retention_are_gone(shop: Shop) -> None:
    shop.order()
    newest = shop.events()[-1]["sequence"]
    shop.clock.advance(days=91)
    shop.services.event_retention.purge()
    assert problem(shop.call("GET", "/v1/events"), 410, "events_gone")["after"] == newest
    assert shop.call("GET", f"/v1/events?after={newest}").get_json() == {"data": [], "next_cursor": None}


def test_a_link_is_told_of_once_more_without_ordering(shop: Shop) -> None:
    order = payable(shop)
    resent = shop.call("POST", f"/v1/orders/{order['id']}/payment_link/resend")
    assert (resent.status_code, resent.get_json()["payment_link"]) == (200, order["payment_link"])
    first, second = [each for each in shop.events() if each["type"] == "order.payment_link_ready"]
    assert (first["data"].get("is_resent"), second["data"]["is_resent"]) == (None, True)
    assert second["data"]["payment_link"] == order["payment_link"]
    assert shop.goody.posts() == 1
    shop.goody.step(order["id"], "pay")
    shop.services.activities.poll_due()
    refused = shop.call("POST", f"/v1/orders/{order['id']}/payment_link/resend")
    problem(refused, 409, "payment_link_not_payable")

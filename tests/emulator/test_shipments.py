"""Several shipments to an order: each ships and arrives by itself, the order with the first and the last of them."""

import pytest

from .partner import STORED, Json, Partner
from .receiver import Receiver


def _three_brands(partner: Partner) -> list[Json]:
    plain = [
        each
        for each in partner.products
        if not (each["variants"] or each["price_is_variable"] or each["restricted_states"])
    ]
    return list({each["brand"]["id"]: each for each in plain}.values())[:3]


def _ordered(partner: Partner, products: list[Json], **changes: str) -> str:
    cart = {"items": [{"product_id": each["id"], "quantity": 2} for each in products]}
    order_id = partner.place_one(
        cart=cart, payment_method_id=STORED, expires_at="2099-01-01T00:00:00Z", from_name=changes.get("name", "Bo")
    )
    partner.accept(order_id)
    return order_id


def _shown(order: Json) -> list[tuple[str, str]]:
    return [(each["brand_name"], each["status"]) for each in order["shipments"]]


def _refused(partner: Partner, order_id: str, step: str, body: Json, status: int) -> Json:
    answer = partner.http.post(f"/_emulator/orders/{order_id}/{step}", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    found: Json = answer.json()
    return found


def test_each_brand_by_itself(partner: Partner, receiver: Receiver) -> None:
    one, two, three = products = _three_brands(partner)
    order_id = _ordered(partner, products)
    names = [each["brand"]["name"] for each in products]
    first = partner.step(order_id, "ship", {"brand_id": two["brand"]["id"]})
    assert (first["status"], _shown(first)) == ("shipped", [(names[1], "shipped")])
    early = partner.step(order_id, "deliver")
    assert (early["status"], early["event_times"]["delivered_at"]) == ("shipped", None)
    assert _shown(early) == [(names[1], "delivered")]
    _refused(partner, order_id, "deliver", {}, 409)
    partner.step(order_id, "ship", {"shipment": 0})
    rest = partner.step(order_id, "ship")
    assert _shown(rest) == [(names[0], "shipped"), (names[1], "delivered"), (names[2], "shipped")]
    assert rest["event_times"]["shipped_at"] == first["event_times"]["shipped_at"]
    _refused(partner, order_id, "ship", {}, 409)
    assert partner.step(order_id, "deliver", {"brand_id": three["brand"]["id"]})["status"] == "shipped"
    last = partner.step(order_id, "deliver", {"brand_id": one["brand"]["id"], "shipment": 0})
    assert (last["status"], {status for _, status in _shown(last)}) == ("delivered", {"delivered"})
    assert last["event_times"]["delivered_at"] is not None
    told = [each.event for each in receiver.wait_for(last["workspace_id"], 6)][4:]
    assert [each["event_type"] for each in told] == ["order.shipped", "order.delivered"]
    assert _shown(told[0]["data"]) == [(names[1], "shipped")]
    assert told[1]["data"]["shipments"] == last["shipments"]
    statuses = [each["order_status"] for each in partner.get("/v1/order_activities")["data"]]
    assert statuses == ["delivered", "shipped", "ordered", "paid", "opened", "created"]


def test_a_shipment_tells_who_carries_it_and_until_when(partner: Partner) -> None:
    order_id = _ordered(partner, _three_brands(partner)[:1])
    assert partner.get(f"/v1/orders/{order_id}")["shipments"] == []
    [shipment] = partner.step(order_id, "ship")["shipments"]
    assert shipment["tracking_carrier"] == "Emulated Parcel"
    assert (shipment["tracking_number"], shipment["tracking_url"], shipment["delivered_at"]) == (None, None, None)
    assert shipment["delivery_eta"] > shipment["shipped_at"]
    [delivered] = partner.step(order_id, "deliver")["shipments"]
    assert delivered | {"status": "shipped", "delivered_at": None} == shipment
    assert partner.get("/v1/orders")["data"][0]["shipments"] == [delivered]


def test_without_a_word_everything_ships_and_arrives(partner: Partner) -> None:
    order_id = _ordered(partner, _three_brands(partner))
    assert len(partner.step(order_id, "ship")["shipments"]) == 3
    assert partner.step(order_id, "deliver")["status"] == "delivered"


def test_two_products_of_a_brand_are_one_shipment(partner: Partner) -> None:
    brand_id = partner.plain["brand"]["id"]
    same = [each for each in partner.products if each["brand"]["id"] == brand_id and not each["price_is_variable"]]
    order_id = _ordered(partner, same[:2])
    assert len(partner.step(order_id, "ship")["shipments"]) == 1


def test_the_magic_word_delivers_all_shipments(partner: Partner) -> None:
    order_id = _ordered(partner, _three_brands(partner), name="[delivered]")
    partner.step(order_id, "thank_you_note", {"note": "Oh!"})
    order = partner.until(f"/v1/orders/{order_id}", lambda order: order["status"] == "delivered")
    assert len(order["shipments"]) == 3


@pytest.mark.parametrize("parcel", [{"brand_id": "nope"}, {"shipment": 2}, {"shipment": -1}])
def test_a_shipment_that_is_not_there_is_a_problem_with_those_that_are(partner: Partner, parcel: Json) -> None:
    products = _three_brands(partner)[:2]
    order_id = _ordered(partner, products)
    detail = _refused(partner, order_id, "ship", parcel, 400)["detail"]
    assert all(each["brand"]["id"] in detail for each in products)
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "ordered"


def test_what_has_been_shipped_is_not_shipped_again(partner: Partner) -> None:
    order_id = _ordered(partner, _three_brands(partner)[:2])
    partner.step(order_id, "ship", {"shipment": 1})
    assert _refused(partner, order_id, "ship", {"shipment": 1}, 400)["detail"] == "That has been shipped already."
    assert _refused(partner, order_id, "deliver", {"shipment": 0}, 400)["detail"] == "That is not on its way."


@pytest.mark.parametrize("status", ["pending", "tracking"])
def test_a_parcel_is_announced_before_it_leaves(partner: Partner, status: str) -> None:
    order_id = _ordered(partner, _three_brands(partner)[:2])
    marked = partner.step(order_id, "mark", {"status": status, "shipment": 1})
    assert marked["status"] == "ordered"
    [shown] = marked["shipments"]
    assert (shown["status"], shown["shipped_at"], shown["delivery_eta"]) == (status, None, None)
    assert shown["tracking_carrier"] == ("Emulated Parcel" if status == "tracking" else None)
    shipped = partner.step(order_id, "ship")
    assert (shipped["status"], {each["status"] for each in shipped["shipments"]}) == ("shipped", {"shipped"})
    assert _refused(partner, order_id, "mark", {"status": status}, 400)["detail"] == f"That can't be {status} any more."


@pytest.mark.parametrize("status", ["failed", "failed_unset_tracking", "failed_with_reship"])
def test_a_parcel_that_fails_is_sent_once_more(partner: Partner, receiver: Receiver, status: str) -> None:
    one, two = _three_brands(partner)[:2]
    order_id = _ordered(partner, [one, two])
    partner.step(order_id, "ship")
    failed = partner.step(order_id, "mark", {"status": status, "brand_id": one["brand"]["id"]})
    assert (failed["status"], [each["status"] for each in failed["shipments"]]) == ("shipped", [status, "shipped"])
    assert _refused(partner, order_id, "deliver", {"shipment": 0}, 400)["detail"] == "That is not on its way."
    assert partner.step(order_id, "deliver")["status"] == "shipped"
    partner.step(order_id, "ship", {"shipment": 0})
    last = partner.step(order_id, "deliver")
    assert (last["status"], {each["status"] for each in last["shipments"]}) == ("delivered", {"delivered"})
    told = [each.type for each in receiver.wait_for(last["workspace_id"], 6)][4:]
    assert told == ["order.shipped", "order.delivered"]
    _refused(partner, order_id, "mark", {"status": status}, 409)


def test_somebody_else_than_the_carrier_says_that_it_is_there(partner: Partner) -> None:
    order_id = _ordered(partner, _three_brands(partner)[:1])
    partner.step(order_id, "ship")
    delivered = partner.step(order_id, "deliver", {"override": True})
    assert (delivered["status"], delivered["shipments"][0]["status"]) == ("delivered", "delivered_override")
    assert delivered["shipments"][0]["delivered_at"] is not None


def test_a_status_that_a_parcel_cannot_be_marked_with(partner: Partner) -> None:
    order_id = _ordered(partner, _three_brands(partner)[:1])
    for body in ({}, {"status": "shipped"}, {"status": "lost"}):
        assert "status" in _refused(partner, order_id, "mark", body, 400)["detail"]
    assert partner.get(f"/v1/orders/{order_id}")["shipments"] == []

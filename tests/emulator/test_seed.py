"""Histories: an app with a past, as if it had been lived through."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from .openapi import PATH, Contract
from .partner import STORED, Json, Partner
from .receiver import Receiver


def seed(partner: Partner, **wanted: object) -> Json:
    answer = partner.http.post("/_emulator/seed", json=wanted, timeout=120)
    assert answer.status_code == 201, answer.text
    told: Json = answer.json()
    return told


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def all_of(partner: Partner, path: str) -> Iterator[Json]:
    page = 1
    while data := partner.get(path, page=page, per_page=100)["data"]:
        yield from data
        page += 1


def test_orders_are_in_many_statuses_and_all_in_the_past(partner: Partner, receiver: Receiver) -> None:
    told = seed(partner, orders=300, days=60)
    orders = list(all_of(partner, "/_emulator/orders"))
    statuses = Counter(order["status"] for order in orders)
    assert len(orders) == 300
    assert set(statuses) >= {"notified", "opened", "pending_payment", "ordered", "delivered", "failed"}
    assert statuses["delivered"] > 100
    assert moment(told["until"]) - moment(told["from"]) == timedelta(days=60)
    assert all(told["from"] <= order["created_at"] <= told["until"] for order in orders)
    workspace = partner.get("/v1/workspaces")["data"][0]["id"]
    assert receiver.of(workspace) == []
    assert partner.get("/_emulator/deliveries")["data"] == []


def test_every_order_tells_a_consistent_story(partner: Partner) -> None:
    seed(partner, orders=80, days=60)
    activities: dict[str, list[str]] = {}
    for activity in all_of(partner, "/v1/order_activities"):
        activities.setdefault(activity["order"]["id"], []).append(activity["order_status"])
    for listed in all_of(partner, "/v1/orders"):
        order = partner.get(f"/v1/orders/{listed['id']}")
        times = [order["event_times"][f"{name}_at"] for name in ("created", "notified", "opened", "accepted", "paid")]
        times += [order["event_times"][f"{name}_at"] for name in ("shipped", "delivered")]
        known = [each for each in times if each is not None]
        assert known == sorted(known)
        assert activities[order["id"]][-1] == "created"
        has_total = order["amounts"]["amount_total"] is not None
        assert has_total == (order["event_times"]["accepted_at"] is not None)
        assert (order["status"] == "delivered") == (order["event_times"]["delivered_at"] is not None)


def test_the_balance_is_the_sum_of_what_was_booked_in_time(partner: Partner) -> None:
    seed(partner, orders=150, days=60, payment_method_id=STORED)
    balance, transactions = partner.account()
    assert balance == sum(each["amount"] for each in transactions)
    kinds = Counter(each["kind"] for each in transactions)
    assert kinds["charge"] > 50
    booked = [each["created_at"] for each in transactions[1:]]  # behind the deposit that opened the account just now
    assert booked == sorted(booked)


def test_a_long_one_is_written_in_parts(partner: Partner) -> None:
    until = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    spans = [
        seed(partner, orders=40, days=40, until=until, part=part, parts=4, payment_method_id=STORED)
        for part in (1, 2, 3, 4)
    ]
    assert [span["until"] for span in spans[:3]] == [span["from"] for span in spans[1:]]
    orders = list(all_of(partner, "/_emulator/orders"))
    assert len(orders) == 160
    for span in spans:
        assert sum(span["from"] <= order["created_at"] < span["until"] for order in orders) >= 38
    booked = [each["created_at"] for each in partner.account()[1][1:]]
    assert booked == sorted(booked)  # across the parts, too
    assert booked[-1] <= until


def test_webhooks_tell_of_it_when_wanted(partner: Partner, receiver: Receiver) -> None:
    seed(partner, orders=3, days=10, webhooks=True)
    workspace = partner.get("/v1/workspaces")["data"][0]["id"]
    heard = [each.type for each in receiver.wait_for(workspace, 3)]
    assert heard[0] == "order_batch.created"
    assert "order.created" in heard


def test_what_is_armed_waits_for_real_orders(partner: Partner) -> None:
    partner.http.post("/_emulator/scenarios/changes-mind/arm").raise_for_status()
    seed(partner, orders=5)
    assert partner.get("/_emulator/scenarios/runs")["data"] == []
    assert [each["orders_left"] for each in partner.get("/_emulator/scenarios")["armed"]] == [1]


def test_the_same_seed_gives_the_same_history(partner: Partner) -> None:
    told: list[list[Any]] = []
    until = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for number in (5, 5, 6):
        partner.http.post("/_emulator/reset").raise_for_status()
        seed(partner, orders=30, seed=number, until=until)
        orders = all_of(partner, "/_emulator/orders")
        told.append([(each["created_at"], each["status"], each["amounts"]["amount_total"]) for each in orders])
    assert told[0] == told[1] != told[2]


@pytest.mark.skipif(not PATH.exists(), reason="Goody's openapi.json is not part of this project")
def test_it_keeps_to_the_contract(partner: Partner) -> None:
    seed(partner, orders=60, days=60)
    contract = Contract()
    contract.judge("GET /v1/orders", partner.get("/v1/orders", per_page=100))
    contract.judge("GET /v1/order_batches", partner.get("/v1/order_batches", per_page=100))
    contract.judge("GET /v1/order_activities", partner.get("/v1/order_activities", per_page=100))


@pytest.mark.parametrize(
    ("wanted", "detail"),
    [
        ({"orders": 0}, "`orders` must be from 1 to 5000."),
        ({"days": 0}, "`days` must be from 0.01 to 3650."),
        ({"part": 3, "parts": 2}, "`part` must be from 1 to 2."),
        ({"until": "2999-01-01"}, "`until` must not lie in the future of the emulator's clock."),
        ({"until": "soon"}, "`until` must be a moment in ISO 8601, such as 2026-06-30T00:00:00Z."),
        ({"payment_method_id": "gold"}, "Payment method"),
        ({"colour": "red"}, "Object contains unknown field `colour`"),
    ],
)
def test_what_makes_no_sense_is_refused(partner: Partner, wanted: Json, detail: str) -> None:
    answer = partner.http.post("/_emulator/seed", json=wanted)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["detail"].startswith(detail)
    assert partner.get("/v1/orders")["data"] == []


def test_a_history_is_of_one_app(partner: Partner) -> None:
    answer = partner.http.post("/_emulator/seed", headers={"Authorization": ""})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")

"""Snapshots: the whole state under a name, and back again, while the emulator runs."""

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from goody_emulator.state.gate import Gate

from .conftest import SECRET
from .partner import ADDRESS, STORED, Partner, partner_of
from .program import running
from .receiver import Receiver, receiving


@pytest.fixture(scope="module")
def hooks() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def url(hooks: Receiver) -> Iterator[str]:
    with running("--products", "60", "--webhook-url", hooks.url, "--webhook-secret", SECRET) as url:
        yield url


@pytest.fixture
def partner(url: str) -> Iterator[Partner]:
    with partner_of(url) as partner:
        yield partner
        partner.http.post("/_emulator/reset", headers={"Authorization": ""})


def take(partner: Partner, name: str) -> None:
    answer = partner.http.put(f"/_emulator/snapshots/{name}")
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == name
    assert answer.json()["size"] > 10_000


def restore(partner: Partner, name: str) -> None:
    answer = partner.http.post(f"/_emulator/snapshots/{name}/restore")
    assert (answer.status_code, answer.json()["name"]) == (200, name)


def test_orders_and_money_come_back(partner: Partner) -> None:
    order_id = partner.place_one(payment_method_id=STORED, expires_at="2099-01-01T00:00:00Z")
    before, account = partner.get(f"/v1/orders/{order_id}"), partner.account()
    take(partner, "before")
    partner.accept(order_id)
    later = partner.place_one()
    assert partner.account() != account
    restore(partner, "before")
    assert partner.get(f"/v1/orders/{order_id}")["status"] in {before["status"], "notified"}
    assert partner.account() == account
    assert partner.http.get(f"/v1/orders/{later}").status_code == 404
    partner.accept(order_id)  # and life goes on
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "ordered"


def test_the_clock_comes_back(partner: Partner) -> None:
    partner.http.post("/_emulator/clock/freeze", json={"to": "2031-05-01T00:00:00Z"})
    order_id = partner.place_one()
    take(partner, "frozen")
    partner.http.post("/_emulator/clock/advance", json={"seconds": 86_400})
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "notified"
    restore(partner, "frozen")
    clock = partner.get("/_emulator/clock")
    assert (clock["now"], clock["frozen"]) == ("2031-05-01T00:00:00Z", True)
    # What was still to come has not come: the clock stood still all the while.
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "created"


def test_a_pending_webhook_is_sent_after_all(partner: Partner, hooks: Receiver) -> None:
    partner.http.post("/_emulator/clock/freeze", json={"to": "2031-05-01T00:00:00Z"})
    workspace = partner.get("/v1/workspaces")["data"][0]["id"]
    hooks.refusals[workspace] = 1
    partner.place(scheduled_send_on="2031-06-01T00:00:00Z")
    partner.http.post("/_emulator/clock/advance", json={"seconds": 1})
    take(partner, "unheard")
    restore(partner, "unheard")
    [logged] = partner.get("/_emulator/deliveries")["data"]
    assert (logged["status"], logged["attempts"]) == ("pending", 1)
    partner.http.post("/_emulator/clock/advance", json={"seconds": 10})
    first, second = hooks.of(workspace)
    assert first.svix_id == second.svix_id


def test_apps_stay_known_and_begin_anew(url: str, partner: Partner) -> None:
    take(partner, "without")
    with partner_of(url) as newcomer:
        workspace = newcomer.get("/v1/workspaces")["data"][0]["id"]
        newcomer.place(payment_method_id=STORED, expires_at="2099-01-01T00:00:00Z")
        restore(partner, "without")
        assert newcomer.get("/v1/order_batches")["data"] == []
        assert newcomer.get("/v1/workspaces")["data"][0]["id"] == workspace
        assert [each["kind"] for each in newcomer.account()[1]] == ["deposit"]
        newcomer.place()


def test_a_number_is_never_given_out_twice(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with running("--products", "12", "--state", str(state)) as url, partner_of(url) as partner:
        take(partner, "empty")
        partner.place(recipients=[{"first_name": f"R{number}"} for number in range(5)])
        restore(partner, "empty")
        partner.place()
        with sqlite3.connect(state) as rows:
            assert rows.execute("SELECT seq FROM orders").fetchall() == [(6,)]


def test_snapshots_are_listed_and_removed(partner: Partner) -> None:
    take(partner, "b-2")
    take(partner, "a_1")
    listed = partner.get("/_emulator/snapshots")
    names = [each["name"] for each in listed["data"]]
    assert names == sorted(names)
    assert {"a_1", "b-2"} <= set(names)
    assert {"faults", "quirks", "requests"} <= set(listed["left_out"])
    assert partner.http.delete("/_emulator/snapshots/a_1").status_code == 204
    assert "a_1" not in [each["name"] for each in partner.get("/_emulator/snapshots")["data"]]
    answer = partner.http.delete("/_emulator/snapshots/a_1")
    assert answer.status_code == 404
    assert answer.json()["detail"].startswith("There is no snapshot a_1; there are: ")


def test_a_snapshot_of_the_same_name_is_replaced(partner: Partner) -> None:
    take(partner, "again")
    order_id = partner.place_one()
    take(partner, "again")
    restore(partner, "again")
    assert partner.get(f"/v1/orders/{order_id}")["id"] == order_id


@pytest.mark.parametrize("name", ["%2e%2e%2fstate", "a.b", ".hidden", "a" * 65, "a%00b", "ä"])
def test_a_name_is_never_a_path(partner: Partner, name: str) -> None:
    for method, path in (("PUT", ""), ("GET", ""), ("DELETE", ""), ("POST", "/restore")):
        answer = partner.http.request(method, f"/_emulator/snapshots/{name}{path}")
        assert answer.status_code in {400, 404, 405}, (method, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_snapshot_of_another_version_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with running("--products", "12", "--state", str(state)) as url, partner_of(url) as partner:
        take(partner, "old")
        [path] = tmp_path.glob("state.db.snapshots/*")
        with sqlite3.connect(path) as copy:
            copy.execute("PRAGMA user_version = 1")
        order_id = partner.place_one()
        answer = partner.http.post("/_emulator/snapshots/old/restore")
        assert answer.status_code == 400
        assert answer.json()["detail"].startswith("The snapshot is of another version of the emulator (1, not ")
        assert partner.get(f"/v1/orders/{order_id}")["id"] == order_id


def test_snapshots_survive_a_restart(tmp_path: Path) -> None:
    options = ("--products", "12", "--state", str(tmp_path / "state.db"))
    with running(*options) as url, partner_of(url, "key") as partner:
        order_id = partner.place_one()
        take(partner, "kept")
        partner.http.post("/_emulator/reset")
    with running(*options) as url, partner_of(url, "key") as partner:
        assert partner.get("/v1/orders")["data"] == []
        restore(partner, "kept")
        assert partner.get(f"/v1/orders/{order_id}")["id"] == order_id


def test_restoring_under_load_harms_nobody(url: str, partner: Partner) -> None:
    kept = partner.place_one()
    take(partner, "calm")
    statuses: Counter[int] = Counter()
    is_over = threading.Event()

    def work() -> None:
        with partner_of(url) as busy:
            while not is_over.is_set():
                placed = busy.http.post("/v1/order_batches", json=busy.wish())
                statuses[placed.status_code] += 1
                for order in placed.json().get("orders_preview", ()):
                    path = f"/_emulator/orders/{order['id']}/accept"
                    statuses[busy.http.post(path, json={"mailing_address": ADDRESS}).status_code] += 1
                statuses[busy.http.get("/v1/orders").status_code] += 1

    with ThreadPoolExecutor() as pool:
        workers = [pool.submit(work) for _ in range(4)]
        for _ in range(15):
            restore(partner, "calm")
        is_over.set()
    assert [worker.exception() for worker in workers] == [None] * 4
    assert set(statuses) <= {200, 201, 404}, statuses
    assert statuses[201] > 0
    assert partner.get(f"/v1/orders/{kept}")["id"] == kept
    assert httpx.get(f"{url}/_emulator/health", trust_env=False).status_code == 200


def test_the_catalog_comes_back(partner: Partner) -> None:
    product_id, price = partner.plain["id"], partner.plain["price"]
    take(partner, "drawn")
    body = {"changes": [{"action": "reprice", "product_id": product_id, "price": price + 1}]}
    assert partner.http.post("/_emulator/catalog/changes", json=body).status_code == 201
    take(partner, "repriced")
    restore(partner, "drawn")
    assert partner.get(f"/v1/products/{product_id}")["price"] == price
    restore(partner, "repriced")
    assert partner.get(f"/v1/products/{product_id}")["price"] == price + 1


def test_a_scenario_goes_on_from_where_it_was(partner: Partner) -> None:
    partner.http.post("/_emulator/clock/freeze", json={"to": "2031-05-01T00:00:00Z"})
    order_id = partner.place_one()
    partner.http.post("/_emulator/scenarios/changes-mind/play", json={"order_id": order_id}).raise_for_status()
    take(partner, "at-the-start")
    for _ in range(2):
        restore(partner, "at-the-start")
        assert partner.get(f"/v1/orders/{order_id}")["status"] == "created"
        partner.http.post("/_emulator/clock/advance", json={"seconds": 3600})
        assert partner.get(f"/v1/orders/{order_id}")["status"] == "failed"


def test_the_gate_closes_when_all_have_left_and_lets_nobody_in() -> None:
    gate, order = Gate(), list[str]()
    inside, may_leave = threading.Event(), threading.Event()

    def stay() -> None:
        with gate.passing():
            inside.set()
            may_leave.wait(10)
            order.append("left")

    def close() -> None:
        with gate.closed():
            order.append("closed")
            time.sleep(0.1)
            order.append("opened")

    def come_late() -> None:
        with gate.passing():
            order.append("let in")

    with ThreadPoolExecutor() as pool:
        pool.submit(stay)
        inside.wait(10)
        pool.submit(close)
        time.sleep(0.1)
        pool.submit(come_late)
        time.sleep(0.1)
        assert order == []
        may_leave.set()
    assert order == ["left", "closed", "opened", "let in"]


def test_the_gate_does_not_wait_for_ever() -> None:
    gate = Gate(patience=0.05)
    with gate.passing(), ThreadPoolExecutor() as pool:

        def close() -> bool:
            with gate.closed():
                return True

        assert pool.submit(close).result(timeout=10)

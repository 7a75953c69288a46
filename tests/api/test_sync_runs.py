"""Syncing over REST: begun and followed, its diff field by field, and approved when the brake stopped it."""

from typing import Any

import pytest

from tests.api.answers import faults, problem
from tests.api.pages import flat, walk
from tests.api.syncing import change, empty_half_of_it, ended, shown, sync
from tests.shop import Shop

Json = dict[str, Any]


def test_a_run_is_begun_followed_and_listed(shop: Shop) -> None:
    product = shop.product()
    change(shop, {"action": "reprice", "product_id": product["id"], "price": product["price"] + 1})
    run = sync(shop)
    assert (run["status"], run["trigger"], run["phase"], run["error"]) == ("succeeded", "request", None, None)
    assert (run["is_complete"], run["is_dry_run"], run["brakes"]) == (True, False, [])
    assert run["progress"]["pages"] == run["progress"]["pages_expected"] == run["counts"]["pages"] > 3
    assert (run["counts"]["changed"], run["counts"]["repriced"], run["counts"]["created"]) == (1, 1, 0)
    assert set(run["seconds"]) == {"reading", "planning", "applying", "publishing"}
    # The gift collections name the account that reads them, which is another one than the template's.
    (found,) = [each for each in run["changes"]["data"] if each["kind"] != "collection"]
    assert (found["change"], found["kind"], found["item_id"]) == ("changed", "product", product["id"])
    assert found["fields"]["price"] == [product["price"], product["price"] + 1]
    assert shop.call("GET", f"/v1/products/{product['id']}").get_json()["price"] == product["price"] + 1
    for _ in range(3):
        sync(shop)
    listed = walk(shop, "/v1/sync_runs?limit=2")
    assert [len(page) for page in listed] == [2, 2, 1]
    assert flat(listed)[-2] == {name: value for name, value in run.items() if name != "changes"}


def test_who_reads_that_a_run_is_over_gets_what_it_published(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop.services.generations, "_most_seconds", 3600)
    product = shop.product()
    change(shop, {"action": "reprice", "product_id": product["id"], "price": product["price"] + 1})
    assert sync(shop)["status"] == "succeeded"
    assert shop.call("GET", f"/v1/products/{product['id']}").get_json()["price"] == product["price"] + 1


def test_its_changes_are_paged(shop: Shop) -> None:
    first = flat(walk(shop, "/v1/sync_runs"))[-1]["id"]
    numbers, cursor = [], 0
    while cursor is not None:
        page = shown(shop, first, f"?changes_limit=100&changes_cursor={cursor}")["changes"]
        numbers += [each["number"] for each in page["data"]]
        cursor = page["next_cursor"]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 200


def test_a_dry_run_changes_nothing(shop: Shop) -> None:
    before = shop.call("GET", "/v1/products?limit=100").headers["ETag"]
    empty_half_of_it(shop)
    run = sync(shop, {"dry_run": True})
    assert (run["status"], run["is_dry_run"], run["counts"]["retired"]) == ("succeeded", True, 60)
    assert [brake["code"] for brake in run["brakes"]] == ["too_many_retired"]
    assert shop.call("GET", "/v1/products?limit=100").headers["ETag"] == before


def test_a_run_that_would_retire_too_much_waits_to_be_approved(shop: Shop) -> None:
    before = len(flat(walk(shop, "/v1/products?limit=100")))
    empty_half_of_it(shop)
    run = sync(shop)
    assert (run["status"], run["counts"]["retired"]) == ("quarantined", 60)
    (brake,) = run["brakes"]
    assert (brake["code"], brake["found"]) == ("too_many_retired", 60)
    assert len(flat(walk(shop, "/v1/products?limit=100"))) == before
    event = shop.events()[-1]
    assert (event["type"], event["data"]["id"], event["data"]["status"]) == (
        "sync_run.quarantined",
        run["id"],
        "quarantined",
    )
    newer = sync(shop)
    problem(shop.call("POST", f"/v1/sync_runs/{run['id']}/approve"), 409, "conflict")
    approved = ended(shop, shop.call("POST", f"/v1/sync_runs/{newer['id']}/approve"))
    assert (approved["status"], approved["approved_by"][:4]) == ("succeeded", "key_")
    assert len(flat(walk(shop, "/v1/products?limit=100"))) == before - 60
    problem(shop.call("POST", f"/v1/sync_runs/{newer['id']}/approve"), 409, "conflict")


def test_one_at_a_time(shop: Shop) -> None:
    shop.goody.fail(kind="delay", path="/v1/products", seconds=0.5)
    begun = shop.call("POST", "/v1/sync_runs", {}, headers={"Idempotency-Key": "once"})
    again = shop.call("POST", "/v1/sync_runs", {}, headers={"Idempotency-Key": "once"})
    assert (again.status_code, again.get_json()["id"]) == (202, begun.get_json()["id"])
    assert again.headers["Idempotent-Replayed"] == "true"
    refused = shop.call("POST", "/v1/sync_runs", {})
    assert begun.get_json()["id"] in problem(refused, 409, "conflict")["detail"]
    assert int(refused.headers["Retry-After"]) > 0
    assert ended(shop, begun)["status"] == "succeeded"


def test_what_makes_no_sense_is_refused(shop: Shop) -> None:
    assert faults(shop.call("POST", "/v1/sync_runs", {"dry_run": "maybe", "app": "x"})) == [
        ("/app", "unknown_field"),
        ("/dry_run", "invalid"),
    ]
    assert faults(shop.call("GET", "/v1/sync_runs?limit=0&page=2")) == [
        ("/limit", "invalid"),
        ("/page", "unknown_field"),
    ]
    problem(shop.call("GET", "/v1/sync_runs?cursor=run_nobody"), 422, "invalid_input")
    problem(shop.call("GET", "/v1/sync_runs/run_nobody"), 404, "not_found")

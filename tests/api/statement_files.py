"""Statements as files for the tests of the API, and how they are sent."""

from collections.abc import Iterator
from typing import Any, Final

from werkzeug.test import TestResponse

from goody_emulator.money.statements import STORED_VALUE_HEADER
from tests.patience import until
from tests.shop import Shop

HEAD = ",".join(STORED_VALUE_HEADER)
DEPOSIT = f"{HEAD}\n2026-11-02T10:00:00Z,t-1,deposit,,,,Wire 4711,1000.00,1000.00\n"
WITH_BAD_LINES = f"{DEPOSIT}2026-11-03,t-2,charge,o-1,R1,,Ada,-12.x,988.00\n2026-11-03,t-3,charge,o-1,R1,,,-2.00,\n"

PERIOD: Final = {"from": "2026-11-01", "to": "2026-12-01"}


def send(
    shop: Shop, content: str | bytes, query: str = "", *, media_type: str = "text/csv", **headers: str
) -> TestResponse:
    """Upload a file with the secret key."""
    sent = {"Authorization": f"Bearer {shop.sk}", "Content-Type": media_type, **headers}
    return shop.client.post(f"/v1/statements{query}", data=content, headers=sent)


def statement_answers(shop: Shop) -> Iterator[tuple[str, str, TestResponse]]:
    """A sample for the description: method, path, answer."""
    path, one = "/v1/statements", "/v1/statements/{statement_id}"
    yield "post", path, send(shop, WITH_BAD_LINES, "?dry_run=true")
    made = send(shop, WITH_BAD_LINES)
    yield "post", path, made
    yield "post", path, send(shop, WITH_BAD_LINES)
    yield "post", path, send(shop, "a,b\n1,2\n")
    yield "post", path, send(shop, "")
    yield "post", path, send(shop, WITH_BAD_LINES, "?source=bank")
    yield "get", one, shop.call("GET", f"{path}/{made.get_json()['id']}")
    yield "get", one, shop.call("GET", f"{path}/stm_none")
    yield from _reconciliation_answers(shop)


def _reconciliation_answers(shop: Shop) -> Iterator[tuple[str, str, TestResponse]]:
    runs, run = "/v1/reconciliations", "/v1/reconciliations/{reconciliation_id}"
    begun = shop.call("POST", runs, PERIOD)
    yield "post", runs, begun
    yield "post", runs, shop.call("POST", runs, {"from": "2026-12-01", "to": "2026-11-01"})
    yield "post", runs, shop.call("POST", runs, {"from": "soon"})
    ended(shop, begun)
    yield "get", run, shop.call("GET", begun.headers["Location"])
    every, one = "/v1/discrepancies", "/v1/discrepancies/{discrepancy_id}"
    listed = shop.call("GET", every)
    yield "get", every, listed
    found = listed.get_json()["data"][0]["id"]
    yield "get", one, shop.call("GET", f"{every}/{found}")
    yield "get", one, shop.call("GET", f"{every}/dis_none")
    resolve = f"{every}/{found}/resolve"
    yield "post", one + "/resolve", shop.call("POST", resolve, {"status": "written_off", "note": "Left at that."})
    yield "post", one + "/resolve", shop.call("POST", resolve, {"status": "disputed", "note": "After all."})
    yield "get", "/v1/events", shop.call("GET", "/v1/events?limit=100")


def ended(shop: Shop, begun: TestResponse) -> Any:
    """What became of a reconciliation that was begun."""
    assert begun.status_code == 202, begun.text
    path = begun.headers["Location"]
    until(lambda: shop.call("GET", path).get_json()["status"] != "running", seconds=30)
    return shop.call("GET", path).get_json()


def reconciled(shop: Shop) -> tuple[str, str]:
    """The ids of a reconciliation and of a discrepancy that it found."""
    run = ended(shop, shop.call("POST", "/v1/reconciliations", PERIOD))
    assert run["status"] == "finished", run
    return run["id"], shop.call("GET", "/v1/discrepancies").get_json()["data"][0]["id"]

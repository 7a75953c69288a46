"""Statements as files for the tests of the API, and how they are sent."""

from collections.abc import Iterator

from werkzeug.test import TestResponse

from goody_emulator.money.statements import STORED_VALUE_HEADER
from tests.shop import Shop

HEAD = ",".join(STORED_VALUE_HEADER)
DEPOSIT = f"{HEAD}\n2026-11-02T10:00:00Z,t-1,deposit,,,,Wire 4711,1000.00,1000.00\n"
WITH_BAD_LINES = f"{DEPOSIT}2026-11-03,t-2,charge,o-1,R1,,Ada,-12.x,988.00\n2026-11-03,t-3,charge,o-1,R1,,,-2.00,\n"


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

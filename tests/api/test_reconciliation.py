"""Reconciliation over REST: begun, followed, and its discrepancies looked after."""

import csv
import io

from tests.api.answers import problem
from tests.api.pages import flat, walk
from tests.api.statement_files import HEAD, PERIOD, WITH_BAD_LINES, ended, reconciled, send
from tests.shop import Shop

FORMULA = '=HYPERLINK("http://evil.example","x")'
LINES = "".join(f"2026-11-0{day},t-{day},deposit,,,,Wire,{day}.00,\n" for day in range(1, 6))


def test_a_period_is_reconciled(shop: Shop) -> None:
    send(shop, WITH_BAD_LINES)
    told = ended(shop, shop.call("POST", "/v1/reconciliations", PERIOD))
    assert (told["status"], told["error"], told["lines"]) == ("finished", None, 2)
    assert told["findings"] == {"unexplained_deposit": 1, "unknown_transaction": 1}
    assert told["discrepancies_opened"] == 2
    assert (told["from"], told["to"]) == ("2026-11-01T00:00:00+00:00", "2026-12-01T00:00:00+00:00")
    assert "order_id" in shop.call("GET", "/v1/discrepancies").get_json()["data"][0]


def test_what_does_not_agree_is_paged_filtered_and_settled(shop: Shop) -> None:
    send(shop, f"{HEAD}\n{LINES}")
    reconciled(shop)
    every = flat(walk(shop, "/v1/discrepancies?limit=2"))
    assert sorted(each["amount"] for each in every) == [100, 200, 300, 400, 500]
    assert shop.call("GET", "/v1/discrepancies?type=late").get_json()["data"] == []
    path = f"/v1/discrepancies/{every[0]['id']}"
    settled = shop.call("POST", f"{path}/resolve", {"status": "explained", "note": "Our wire."}).get_json()
    assert (settled["status"], len(settled["ledger_entries"])) == ("explained", 1)
    assert settled["notes"][0]["note"] == "Our wire."
    assert shop.call("GET", path).get_json() == settled
    assert len(shop.call("GET", "/v1/discrepancies?status=open").get_json()["data"]) == 4
    problem(shop.call("POST", f"{path}/resolve", {"status": "disputed", "note": "Hm."}), 409, "discrepancy_settled")
    problem(shop.call("POST", f"{path}/resolve", {}), 422, "invalid_input")
    opened = [each for each in shop.events() if each["type"] == "discrepancy.opened"]
    assert {each["data"]["id"] for each in opened} == {each["id"] for each in every}
    assert next(each for each in opened if each["data"]["id"] == every[0]["id"])["data"]["status"] == "explained"


def test_no_text_of_a_statement_becomes_a_formula(shop: Shop) -> None:
    send(shop, f'{HEAD}\n2026-11-02,=1+1,=2+2,,,,"{FORMULA.replace(chr(34), chr(34) * 2)}",-5.00,\n')
    reconciled(shop)
    response = shop.call("GET", "/v1/discrepancies", headers={"Accept": "text/csv"})
    assert response.mimetype == "text/csv"
    [row] = csv.DictReader(io.StringIO(response.text))
    assert (row["amount"], row["transaction_id"], row["description"]) == ("-5.00", "'=1+1", f"'{FORMULA}")
    texts = [cell for name, cell in row.items() if name not in {"amount", "expected", "found"}]
    assert not [cell for cell in texts if cell.startswith(("=", "+", "-", "@"))]
    shown = shop.call("GET", "/v1/discrepancies").get_json()["data"][0]["evidence"]["statement_row"]
    assert shown["transaction_id"] == "=1+1", "JSON tells it as it is"


def test_a_period_that_makes_no_sense(shop: Shop) -> None:
    for body in ({}, {"from": "2026-12-01", "to": "2026-11-01"}, {"from": "soon", "to": "2026-11-01T00:00"}):
        problem(shop.call("POST", "/v1/reconciliations", body), 422, "invalid_input")

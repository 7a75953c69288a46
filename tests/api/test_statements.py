"""Statements over REST: uploaded, looked at, and never twice."""

from payments.statements.reading import LARGEST_FILE
from tests.api.answers import problem
from tests.api.statement_files import DEPOSIT, HEAD, WITH_BAD_LINES, send
from tests.shop import Shop


def test_a_file_is_imported_and_can_be_looked_at(shop: Shop) -> None:
    response = send(shop, WITH_BAD_LINES)
    assert response.status_code == 201, response.text
    told = response.get_json()
    assert response.headers["Location"] == f"/v1/statements/{told['id']}"
    assert (told["source"], told["account"], told["status"]) == ("emulator-stored-value", "stored_value", "imported")
    assert (told["rows"], told["rows_new"], told["rows_bad"], told["sum_of_rows"]) == (2, 2, 1, 99_800)
    [bad] = told["problems"]
    assert (bad["line"], bad["column"], bad["code"]) == (3, "amount", "bad_amount")
    shown = shop.call("GET", f"/v1/statements/{told['id']}").get_json()
    assert shown == {name: value for name, value in told.items() if name not in {"is_new", "is_dry_run"}}


def test_the_same_file_again_changes_nothing(shop: Shop) -> None:
    first = send(shop, DEPOSIT)
    again = send(shop, DEPOSIT)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.get_json() == {**first.get_json(), "is_new": False}


def test_a_dry_run_changes_nothing(shop: Shop) -> None:
    told = send(shop, DEPOSIT, "?dry_run=true")
    assert (told.status_code, told.get_json()["id"], told.get_json()["rows_new"]) == (200, None, 1)
    assert send(shop, DEPOSIT).status_code == 201
    known = send(shop, DEPOSIT, "?dry_run=true").get_json()
    assert (known["rows_new"], known["rows_known"]) == (0, 1)


def test_a_retry_gets_the_first_answer(shop: Shop) -> None:
    key = {"Idempotency-Key": "once"}
    first, again = send(shop, DEPOSIT, **key), send(shop, DEPOSIT, **key)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.get_json() == first.get_json()
    problem(send(shop, WITH_BAD_LINES, **key), 422, "idempotency_key_reused")


def test_what_cannot_be_read_is_refused(shop: Shop) -> None:
    problem(send(shop, "a,b\n1,2\n"), 422, "invalid_input")
    problem(send(shop, ""), 422, "invalid_input")
    problem(send(shop, DEPOSIT, "?source=bank"), 422, "invalid_input")
    problem(send(shop, DEPOSIT, "?column=date=Posted"), 422, "invalid_input")
    problem(send(shop, "{}", media_type="application/json"), 415, "unsupported_media_type")


def test_columns_can_be_named(shop: Shop) -> None:
    content = "Valuta;Betrag;Art\n05.01.2026;1.234,50;Top up\n"
    told = send(shop, content, "?source=goody-stored-value&column=date=Valuta&column=amount=Betrag&column=type=Art")
    assert (told.status_code, told.get_json()["sum_of_rows"]) == (201, 123_450)
    assert told.get_json()["rows_by_kind"] == {"deposit": 1}


def test_a_file_may_be_longer_than_other_bodies_but_not_endless(shop: Shop) -> None:
    line = "2026-11-02T10:00:00Z,t-{},deposit,,,,,1.00,\n"
    content = f"{HEAD}\n" + "".join(line.format(number) for number in range(25_000))
    assert len(content) > 1024 * 1024
    assert send(shop, content, "?dry_run=true").get_json()["rows"] == 25_000
    problem(send(shop, "x" * (LARGEST_FILE + 1)), 413, "body_too_large")

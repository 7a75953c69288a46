"""What whoever is on call uses: doctor, submission list, and a web process that says why it does not start."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

from foundation.ids import new_id
from tests.emulator.program import running
from tests.shop import WEBHOOK_SECRET

from .terminal import Terminal, complaint

GOODY_KEY = "goody_token_commerce_of_the_doctor"


def test_the_doctor_finds_a_whole_deployment_in_order(stocked: Terminal) -> None:
    ended = stocked.run("doctor")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert all(line.startswith("ok  ") for line in lines)
    for subject in ("database: ", "shop: Goody key at ", "shop: webhook secret: ", "shop: catalog: "):
        assert any(subject in line for line in lines), subject


def test_the_doctor_says_what_is_wrong_with_each_app_and_what_to_do(initialised: Terminal) -> None:
    with running("--products", "12", "--api-key", GOODY_KEY) as goody_url:
        for slug, key in (("good", GOODY_KEY), ("bad", "goody_token_commerce_of_elsewhere")):
            account = ("--goody-api-key", key, "--goody-base-url", goody_url)
            secret = ("--webhook-secret", WEBHOOK_SECRET) if slug == "good" else ()
            assert initialised.run("app", "create", slug, *account, *secret).code == 0
        ended = initialised.run("doctor")
        one = initialised.run("doctor", "--app", "good")
    assert (ended.code, ended.err) == (1, "")
    found = {line[6:].partition(":")[0] + line[6:].partition(":")[2][:9]: line for line in ended.out.splitlines()}
    assert found["good Goody ke"].startswith("ok    ")
    assert found["good webhook "].startswith("ok    ")
    assert "FAIL  good: catalog: empty: run `storefront sync --app good`" in ended.out
    assert "refused: is it a key of this environment" in found["bad Goody ke"]
    assert found["bad webhook "].startswith("FAIL  bad: webhook secret: none")
    assert "bad" not in one.out
    assert GOODY_KEY not in ended.out


def test_the_doctor_tells_a_goody_that_does_not_answer(initialised: Terminal) -> None:
    initialised.run("app", "create", "x", "--goody-api-key", GOODY_KEY, "--goody-base-url", "http://127.0.0.1:9")
    ended = initialised.run("doctor")
    assert ended.code == 1
    assert "FAIL  x: Goody key at http://127.0.0.1:9: Goody gave no answer" in ended.out


def test_the_doctor_misses_an_app(initialised: Terminal) -> None:
    ended = initialised.run("doctor")
    assert ended.code == 1
    assert "FAIL  apps: none yet: run `storefront app create`" in ended.out


def test_orders_of_unknown_outcome_are_listed_and_diagnosed(stocked: Terminal) -> None:
    assert stocked.run("submission", "list").out == "Every order's outcome is known.\n"
    batch_id = new_id("ob")
    place_unknown(stocked, batch_id)
    ended = stocked.run("submission", "list")
    assert (ended.code, ended.err) == (0, "")
    (line,) = ended.out.splitlines()
    assert line.startswith(f"{batch_id}  unknown  made ")
    assert "  attempt 3  next " in line
    assert line.endswith("STUCK  the exchange broke off")
    diagnosed = stocked.run("doctor")
    assert diagnosed.code == 1
    assert "FAIL  submissions: 1 of unknown outcome" in diagnosed.out


def test_serve_on_a_taken_port_names_bind(stocked: Terminal, taken_port: int) -> None:
    told = complaint(stocked.run("serve", "--bind", f"127.0.0.1:{taken_port}"))
    assert f"127.0.0.1:{taken_port}: Address already in use" in told
    assert "--bind" in told


def test_serve_at_an_address_of_another_machine_names_bind(stocked: Terminal) -> None:
    assert "--bind" in complaint(stocked.run("serve", "--bind", "192.0.2.7:8000"))


def test_serve_with_a_missing_setting_stops_naming_it(initialised: Terminal, free_port: int) -> None:
    (initialised.folder / "storefront.db.key").unlink()
    told = complaint(initialised.run("serve", "--bind", f"127.0.0.1:{free_port}"))
    assert "STOREFRONT_ENCRYPTION_KEYS" in told


def place_unknown(stocked: Terminal, batch_id: str) -> None:
    """Write an order whose outcome is not known, as a failing Goody would leave it."""
    now = datetime.now(UTC).isoformat(sep=" ").removesuffix("+00:00")
    with closing(sqlite3.connect(stocked.folder / "storefront.db")) as connection, connection:
        (app_id,) = connection.execute("SELECT id FROM partner_apps").fetchone()
        checkout = required(connection, "checkouts", {"id": "chk_1", "app_id": app_id, "version": 1}, now)
        insert(connection, "checkouts", checkout)
        given = {
            "id": batch_id,
            "app_id": app_id,
            "checkout_id": "chk_1",
            "submission_status": "unknown",
            "attempt": 3,
            "stuck_at": now,
            "last_problem": "the exchange broke off",
        }
        insert(connection, "order_batches", required(connection, "order_batches", given, now))


def required(connection: sqlite3.Connection, table: str, given: dict[str, object], now: str) -> dict[str, object]:
    """The row given, with something harmless in every other column that must have a value."""
    row = dict(given)
    for _, name, kind, is_required, *_ in connection.execute(f"PRAGMA table_info({table})"):
        if is_required and name not in row:
            numbers = ("INT", "BOOL")
            row[name] = now if "DATE" in kind else 0 if kind.startswith(numbers) else json.dumps([])
    return row


def insert(connection: sqlite3.Connection, table: str, row: dict[str, object]) -> None:
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(row.values()))  # noqa: S608

"""`storefront sync`: what a script reads, what a person sees, and how it fails."""

import json
import sqlite3
from contextlib import closing

from .terminal import Terminal, complaint


def test_without_a_terminal_it_prints_one_json_line(stocked: Terminal) -> None:
    ended = stocked.run("sync", "--app", "shop")
    assert (ended.code, ended.err) == (0, "")
    (line,) = ended.out.splitlines()
    run = json.loads(line)
    assert (run["app"], run["status"], run["error"]) == ("shop", "succeeded", None)
    assert run["published"] > 100
    assert (run["created"], run["changed"], run["retired"], run["broken"]) == (0, 0, 0, 0)


def test_on_a_terminal_it_shows_a_progress_bar_and_a_sentence(stocked: Terminal) -> None:
    ended = stocked.show("sync")
    assert ended.code == 0
    assert "Pages of shop  [####" in ended.out
    assert "100%" in ended.out
    assert "shop: succeeded." in ended.out.splitlines()[-1]
    assert "{" not in ended.out


def test_on_a_terminal_json_can_be_asked_for(stocked: Terminal) -> None:
    ended = stocked.show("sync", "--json")
    assert json.loads(ended.out.splitlines()[-1])["status"] == "succeeded"


def test_without_goody_it_fails_with_one_line_and_the_others_get_their_turn(stocked: Terminal) -> None:
    nowhere = ("--goody-api-key", "goody_token_commerce_x", "--goody-base-url", "http://127.0.0.1:9")
    assert stocked.run("app", "create", "another", *nowhere).code == 0
    with closing(sqlite3.connect(stocked.folder / "storefront.db")) as connection, connection:
        connection.execute("UPDATE partner_apps SET created_at = datetime(created_at, '-1 day') WHERE slug = 'another'")
    ended = stocked.run("sync")
    told = complaint(ended)
    assert "another: Goody gave no answer" in told
    runs = {run["app"]: run for run in map(json.loads, ended.out.splitlines())}
    assert (runs["another"]["status"], runs["shop"]["status"]) == ("failed", "succeeded")
    assert runs["another"]["error"] in told


def test_while_another_run_is_under_way_it_says_so(stocked: Terminal) -> None:
    with closing(sqlite3.connect(stocked.folder / "storefront.db")) as connection, connection:
        (app_id,) = connection.execute("SELECT id FROM partner_apps").fetchone()
        lease = (f"catalog_sync:{app_id}", "run_other", "2999-01-01 00:00:00.000000")
        connection.execute("INSERT INTO leases (name, holder, held_until) VALUES (?, ?, ?)", lease)
    ended = stocked.run("sync")
    assert "shop: Run run_other of this app's catalog is under way" in complaint(ended)
    assert ended.out == ""


def test_without_an_app_it_says_how_to_make_one(initialised: Terminal) -> None:
    assert "storefront app create" in complaint(initialised.run("sync"))


def test_a_dry_run_shows_what_would_change_and_changes_nothing(stocked: Terminal) -> None:
    with closing(sqlite3.connect(stocked.folder / "storefront.db")) as connection, connection:
        connection.execute("UPDATE supplier_products SET content_hash = 'x', raw = json_set(raw, '$.name', 'Old')")
    shown = stocked.show("sync", "--dry-run")
    assert shown.code == 0
    assert "shop: dry run, nothing was changed." in shown.out
    assert 'name "Old" → ' in shown.out
    assert "… and more: GET /v1/sync_runs/run_" in shown.out
    told = json.loads(stocked.run("sync", "--dry-run").out)
    assert (told["status"], told["is_dry_run"], told["changed"]) == ("succeeded", True, told["seen"])


def test_a_quarantined_run_says_what_to_do_and_is_approved(stocked: Terminal) -> None:
    with closing(sqlite3.connect(stocked.folder / "storefront.db")) as connection, connection:
        connection.execute("UPDATE supplier_products SET content_hash = 'x', raw = json_set(raw, '$.price', 1)")
    ended = stocked.run("sync")
    told, run = complaint(ended), json.loads(ended.out)
    assert (run["status"], [brake["code"] for brake in run["brakes"]]) == ("quarantined", ["too_many_repriced"])
    assert "products would get another price; 25 % may." in told
    assert "`storefront sync --app shop --approve` publishes it" in told
    on_terminal = stocked.show("sync")
    assert on_terminal.code == 1
    assert "shop: quarantined." in on_terminal.out
    assert "price 1 → " in on_terminal.out
    approved = json.loads(stocked.run("sync", "--app", "shop", "--approve").out)
    assert (approved["status"], approved["repriced"]) == ("succeeded", run["repriced"])
    assert "no run of shop is quarantined" in complaint(stocked.run("sync", "--approve"))


def test_a_dry_run_is_not_approved(stocked: Terminal) -> None:
    ended = stocked.run("sync", "--dry-run", "--approve")
    assert ended.code == 2
    assert "exclude each other" in ended.err

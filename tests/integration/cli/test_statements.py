"""`storefront statement`."""

import json

from tests.integration.statements.files import line, stored_value
from tests.shop import SLUG

from .terminal import Terminal, complaint

GOOD = stored_value([line("a", "deposit", 123_456), line("b", "charge", -3000, order="o1")])


def test_a_file_is_imported_and_shown(stocked: Terminal) -> None:
    (stocked.folder / "november.csv").write_bytes(GOOD + b"soon,c,deposit,,,,,1.00,\r\n")
    dry = stocked.run("statement", "import", "november.csv", "--app", SLUG, "--dry-run")
    assert (dry.code, dry.err) == (0, "")
    assert "dry run, nothing was imported. 2 lines, $1,204.56 in all: 2 new, 0 known; 1 bad." in dry.out
    assert "  line 4, date: 'soon' is no date" in dry.out
    made = stocked.run("statement", "import", "november.csv", "--app", SLUG, "--json")
    told = json.loads(made.out)
    assert (told["rows_new"], told["rows_bad"], told["is_new"]) == (2, 1, True)
    again = stocked.run("statement", "import", "november.csv", "--app", SLUG)
    assert f"this file was imported before, as {told['id']}." in again.out
    shown = json.loads(stocked.run("statement", "show", told["id"], "--app", SLUG).out)
    assert shown["problems"][0]["line"] == 4


def test_what_is_no_statement_is_one_clear_line(stocked: Terminal) -> None:
    (stocked.folder / "x.csv").write_text("a,b\n1,2\n")
    assert "No header of a known source" in complaint(stocked.run("statement", "import", "x.csv", "--app", SLUG))
    assert stocked.run("statement", "import", "none.csv", "--app", SLUG).code == 2
    assert stocked.run("statement", "import", "x.csv", "--app", SLUG, "--column", "date=Day").code == 2


def test_a_period_is_reconciled_and_settled(stocked: Terminal) -> None:
    (stocked.folder / "november.csv").write_bytes(GOOD)
    assert stocked.run("statement", "import", "november.csv", "--app", SLUG).code == 0
    period = ("--app", SLUG, "--from", "2026-11-01", "--to", "2026-12-01")
    shown = stocked.run("reconcile", *period)
    assert "2 lines beside 0 orders. Matched: none; 0 new. Discrepancies: 2 opened, 0 resolved." in shown.out, shown
    assert "unexplained_deposit  $1,234.56" in shown.out
    assert shown.out.endswith("2 open.\n")
    told = json.loads(stocked.run("reconcile", *period, "--json").out)
    assert (told["discrepancies_opened"], len(told["open_discrepancies"])) == (0, 2)
    for each in told["open_discrepancies"]:
        said = stocked.run(
            "discrepancy", "resolve", each["id"], "--app", SLUG, "--status", "explained", "--note", "Ours."
        )
        assert f"{each['id']} is explained. Booked as entry" in said.out
    assert stocked.run("discrepancy", "list", "--app", SLUG, "--csv").out.count(",explained,") == 2
    assert stocked.run("reconcile", *period).out.endswith("Everything agrees.\n")

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

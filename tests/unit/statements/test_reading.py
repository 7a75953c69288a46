"""Statements as files: encodings, separators, notations, and lines that can't be used."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import InvalidInputError
from goody_emulator.money.notation import Dates, Encoding, Line, Notation, Style, written
from goody_emulator.money.statements import PAYOUTS_HEADER, STORED_VALUE_HEADER
from payments.statements import reading
from payments.statements.kinds import Account, Kind
from payments.statements.mappings import named_source
from payments.statements.reading import Statement, open_statement
from payments.statements.rows import BadRow, Row

NOON = 1_780_000_000_000
HEAD = ",".join(STORED_VALUE_HEADER)


def opened(content: bytes | str, encoding: str = "utf-8") -> Statement:
    return open_statement(io.BytesIO(content.encode(encoding) if isinstance(content, str) else content))


def rows_of(statement: Statement) -> list[Row]:
    rows = [*statement.rows()]
    assert not [row for row in rows if isinstance(row, BadRow)]
    return [row for row in rows if isinstance(row, Row)]


def of_emulator(style: Style, amounts: Sequence[int] = (-1_234_567, 100)) -> bytes:
    lines = [
        Line(NOON + n * 86_400_000, (f"t{n}", "charge", f"O{n}", f"R{n}", "ob_1", 'Zoë; "x",\ny'), (cents, 10**7))
        for n, cents in enumerate(amounts)
    ]
    return written(STORED_VALUE_HEADER, lines, style)


@pytest.mark.parametrize("notation", Notation)
@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("date", Dates)
def test_everything_that_the_emulator_writes(notation: Notation, encoding: Encoding, date: Dates) -> None:
    statement = opened(of_emulator(Style(notation, encoding, date)))
    assert statement.source.name == "emulator-stored-value"
    first, second = rows_of(statement)
    assert (first.line, second.line) == (2, 4)
    assert (first.id, first.kind, first.order_id, first.order_reference) == ("t0", Kind.CHARGE, "o0", "R0")
    assert (first.amount, second.amount, first.balance) == (-1_234_567, 100, 10**7)
    assert first.description.startswith("Zoë; ")
    assert first.is_day is (date is Dates.US)
    assert first.moment.date() == datetime.fromtimestamp(NOON / 1000, UTC).date()


def test_a_payout_statement_is_told_apart() -> None:
    texts = ("pay-1", "s1", "revenue_share", "O1", "R1", "ob_1", "")
    statement = opened(written(PAYOUTS_HEADER, [Line(NOON, texts, (150, 150))], Style()))
    assert (statement.source.name, statement.source.account) == ("emulator-payouts", Account.PAYOUTS)
    [row] = rows_of(statement)
    assert (row.kind, row.payout_id, row.amount) == (Kind.REVENUE_SHARE, "pay-1", 150)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(encoding: str) -> None:
    [row] = rows_of(opened(f"{HEAD}\n2026-01-05,1,deposit,,,,Café “x” €,5.00,5.00\n", encoding))
    assert row.description == "Café “x” €"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_titles_and_blank_lines(separator: str) -> None:
    lines = [
        ["Goody stored value report"],
        [],
        ["Transaction Date", "Transaction ID", "Type", "Order Number", "Money out", "Money in", "Balance", "Currency"],
        ["Jan 5, 2026", "a", "Order", "R1", "$12.00", "", "$88.00", "USD"],
        ["", "", "", "", "", "", "", ""],
        ["Jan 6, 2026", "b", "Revshare", "R1", "", "1.20", "89.20", "usd"],
        ["Jan 6, 2026", "c", "Mystery", "", "", "1.00", "", "EUR"],
    ]
    statement = opened("\n".join(separator.join(f'"{cell}"' for cell in line) for line in lines))
    assert statement.source.name == "goody-stored-value"
    charge, share, bad = statement.rows()
    assert isinstance(charge, Row)
    assert isinstance(share, Row)
    assert isinstance(bad, BadRow)
    assert (charge.line, charge.kind, charge.amount, charge.order_reference) == (4, Kind.CHARGE, -1200, "R1")
    assert (share.kind, share.amount, share.balance) == (Kind.REVENUE_SHARE, 120, 8920)
    assert (bad.line, bad.code, bad.column) == (7, "other_currency", "currency")


def test_a_separator_that_the_file_names() -> None:
    [row] = rows_of(opened(f"sep=;\r\n{HEAD.replace(',', ';')}\r\n2026-01-05;1;deposit;;;;a,b;5,00;5,00\r\n"))
    assert (row.amount, row.line, row.description) == (500, 3, "a,b")


def test_bad_lines_are_told_and_the_rest_is_read() -> None:
    statement = opened(
        f"{HEAD}\n"
        "2026-01-05,1,deposit,,,,,5.00,5.00\n"
        "soon,2,deposit,,,,,5.00,5.00\n"
        '2026-01-05,3,"deposit,,,,,5.00,5.00\n'
        "2026-01-05,4,deposit,,,,,1.2.3,5.00\n"
        "2026-01-05,5,deposit,,,,,1,234.00,5.00\n"
        "2026-01-05,6,deposit,,,,,,5.00\n"
        f"2026-01-05,7,deposit,{'x' * 300},,,,1.00,5.00\n"
        "2026-01-05,8\n"
        '2026-01-05,9,deposit,,,,"two\nlines",5.00,5.00\n'
        "2026-01-05,10,closing_balance,,,,,,5.00\n"
    )
    found = [*statement.rows()]
    assert [(each.line, each.code, each.column) for each in found if isinstance(each, BadRow)] == [
        (3, "bad_date", "date"),
        (4, "bad_csv", None),
        (5, "bad_amount", "amount"),
        (6, "too_many_fields", None),
        (7, "no_amount", "amount"),
        (8, "too_long", "order_id"),
        (9, "no_amount", "amount"),
    ]
    assert [(each.line, each.id) for each in found if isinstance(each, Row)] == [(2, "1"), (10, "9"), (12, "10")]


def test_a_kind_that_nobody_knows_is_kept() -> None:
    [row] = rows_of(opened(f"{HEAD}\n2026-01-05,1,=cmd(),,,,,5.00,5.00\n"))
    assert (row.kind, row.amount) == (Kind.OTHER, 500)


@pytest.mark.parametrize("content", ["", "\n\n", "a,b\n1,2\n", "\0" * 50, "date,amount\n2026-01-01,1\n"])
def test_what_is_no_statement(content: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        opened(content)
    assert caught.value.faults[0].code == "unknown_columns"


def test_columns_can_be_named() -> None:
    source = named_source("goody-stored-value", {"date": "Valuta", "amount": "Betrag"})
    content = io.BytesIO(b"Valuta;Betrag;Type\n05.01.2026;1.234,50;charge\n")
    [row] = rows_of(open_statement(content, source))
    assert (row.amount, row.kind) == (123_450, Kind.CHARGE)
    with pytest.raises(InvalidInputError) as caught:
        named_source("bank", {"colour": "x"})
    assert [fault.pointer for fault in caught.value.faults] == ["/source", "/columns/colour"]


def test_a_file_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    content = of_emulator(Style(), range(1, 20))
    monkeypatch.setattr(reading, "LARGEST_FILE", 100)
    with pytest.raises(InvalidInputError, match="can't be read"):
        opened(content)
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MOST_LINES", 10)
    with pytest.raises(InvalidInputError) as caught:
        opened(content)
    assert caught.value.faults[0].code == "too_many_lines"


@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda text: f"{HEAD}\n{text}".encode()))
def test_no_file_crashes_it(content: bytes) -> None:
    try:
        statement = opened(content)
    except InvalidInputError:
        return
    for row in statement.rows():
        assert isinstance(row, Row | BadRow)


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=8), st.sampled_from(Notation))
def test_what_was_written_is_read_to_the_cent(amounts: list[int], notation: Notation) -> None:
    assert [row.amount for row in rows_of(opened(of_emulator(Style(notation), amounts)))] == amounts

"""Statements as CSV: of any period, in any notation, to the cent."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goody_emulator.money.notation import Encoding, Line, Notation, Style, amount, written

from .partner import HOSTED, STORED, Json, Partner, partner_of
from .program import running
from .sales import earning, excluded, first_of_month, freeze, order_of, post, put, sold

STATEMENT = "/_emulator/stored_value/statement.csv"
PAYOUTS = "/_emulator/payouts/statement.csv"
ABOUT = ["id", "type", "order_id", "order_reference_id", "customer_reference_id", "description"]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def calendar_url() -> Iterator[str]:
    with running("--products", "240") as url:
        yield url


@pytest.fixture
def later(calendar_url: str) -> Iterator[Partner]:
    """A partner of an emulator whose clock stands still, and is the test's to move."""
    with partner_of(calendar_url) as partner:
        yield partner


def _get(partner: Partner, path: str = STATEMENT, **params: str) -> httpx.Response:
    answer = partner.http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer


def _rows(partner: Partner, path: str = STATEMENT, **params: str) -> Rows:
    return _read(_get(partner, path, **params).content.decode())


def _read(text: str, delimiter: str = ",") -> Rows:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def _cents(text: str) -> int:
    whole, _, rest = text.removeprefix("-").partition(".")
    assert len(rest) == 2
    return (int(whole) * 100 + int(rest)) * (-1 if text.startswith("-") else 1)


def _check_sums(rows: Rows) -> None:
    opening, *lines, closing = rows
    assert (opening["type"], closing["type"]) == ("opening_balance", "closing_balance")
    assert opening["amount"] == closing["amount"] == ""
    balance = _cents(opening["balance"])
    for line in lines:
        balance += _cents(line["amount"])
        assert _cents(line["balance"]) == balance
    assert _cents(closing["balance"]) == balance


def test_every_transaction_is_a_line(partner: Partner) -> None:
    order = sold(partner, earning(partner), STORED, customer_reference_id='=1+1, "my"\n; ref')
    partner.step(order["id"], "refund")
    partner.http.post("/_emulator/stored_value/withdrawals", json={"amount": 5})
    answer = _get(partner)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == 'attachment; filename="stored-value-statement.csv"'
    assert answer.content.startswith(b"date,id,type,")
    assert answer.content.endswith(b"\r\n")
    rows = _read(answer.content.decode())
    assert list(rows[0]) == ["date", *ABOUT, "amount", "balance"]
    _check_sums(rows)
    balance, transactions = partner.account()
    assert [(row["id"], row["type"], row["date"], _cents(row["amount"])) for row in rows[1:-1]] == [
        (each["id"], each["kind"], each["created_at"], each["amount"]) for each in transactions
    ]
    assert _cents(rows[-1]["balance"]) == balance
    assert (rows[0]["balance"], rows[0]["date"]) == ("0.00", transactions[0]["created_at"])
    charge = rows[2]
    assert (charge["type"], charge["order_id"]) == ("charge", order["id"])
    assert charge["order_reference_id"] == order["reference_id"]
    assert charge["customer_reference_id"] == '=1+1, "my"\n; ref'
    assert charge["description"] == "Charge, order for Ada Moss"
    assert rows[1]["order_id"] == rows[1]["customer_reference_id"] == ""


def test_a_period_takes_in_its_start_and_not_its_end(later: Partner) -> None:
    month_1, month_2, month_3 = (first_of_month(later, ahead) for ahead in (1, 2, 3))
    freeze(later, month_1)
    later.deposit(100)
    freeze(later, month_2)
    later.deposit(20)
    freeze(later, month_3)
    later.deposit(3)
    january = _rows(later, **{"from": month_1, "to": month_2})
    february = _rows(later, **{"from": month_2, "to": f"{month_3}T00:00:00Z"})
    march = _rows(later, **{"from": month_3})
    for rows, amount_of_it in ((january, "1.00"), (february, "0.20"), (march, "0.03")):
        _check_sums(rows)
        assert rows[-2]["amount"] == amount_of_it
    assert len(february) == len(march) == 3
    assert (february[0]["date"], february[-1]["date"]) == (f"{month_2}T00:00:00Z", f"{month_3}T00:00:00Z")
    assert january[-1]["balance"] == february[0]["balance"]
    assert february[-1]["balance"] == march[0]["balance"]
    assert _cents(march[-1]["balance"]) == later.account()[0]


@pytest.mark.parametrize("mistakes", [{}, {"late": 3}], ids=str)
def test_a_part_is_what_the_whole_has_of_it(partner: Partner, mistakes: dict[str, int]) -> None:
    """Read of its period alone, or of everything where mistakes may come from elsewhere."""
    partner.http.post("/_emulator/seed", json={"orders": 40, "payment_method_id": STORED, "days": 30})
    put(partner, "/_emulator/statement_faults", mistakes)
    whole = _rows(partner, to="2099-01-01")[1:-1]
    assert len(whole) > 30
    assert [row["date"] for row in whole] == sorted(row["date"] for row in whole)
    for first, last in ((5, 20), (0, 8), (17, len(whole) - 1)):
        start, end = whole[first]["date"], whole[last]["date"]
        part = _rows(partner, **{"from": start, "to": end})
        _check_sums(part)
        assert part[1:-1] == [row for row in whole if start <= row["date"] < end]


def test_an_empty_period(partner: Partner) -> None:
    partner.account()
    rows = _rows(partner, **{"from": "2001-01-01", "to": "2001-02-01"})
    assert [(row["type"], row["balance"]) for row in rows] == [("opening_balance", "0.00"), ("closing_balance", "0.00")]
    after = _rows(partner, **{"from": "2990-01-01", "to": "2990-01-01"})
    assert [row["balance"] for row in after] == ["100000.00"] * 2


def test_the_same_statement_is_the_same_bytes(partner: Partner) -> None:
    sold(partner, earning(partner), STORED)
    assert _get(partner, to="2099-01-01").content == _get(partner, to="2099-01-01").content


@pytest.mark.parametrize(
    "params",
    [
        {"from": "soon"},
        {"to": "2026-13-01"},
        {"from": "2026-02-01", "to": "2026-01-01"},
        {"from": "2999-01-01"},
        {"notation": "uk"},
        {"encoding": "ebcdic"},
        {"date": "eu"},
    ],
)
@pytest.mark.parametrize("path", [STATEMENT, PAYOUTS])
def test_what_makes_no_sense_is_refused(partner: Partner, path: str, params: dict[str, str]) -> None:
    answer = partner.http.get(path, params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("path", [STATEMENT, PAYOUTS, "/_emulator/statement_faults"])
def test_a_statement_is_of_one_app(partner: Partner, path: str) -> None:
    assert partner.http.get(path, headers={"Authorization": ""}).status_code == 401


def test_apps_see_their_own_lines_only(partner: Partner, emulator_url: str) -> None:
    sold(partner, earning(partner), STORED)
    with partner_of(emulator_url) as other:
        assert [row["type"] for row in _rows(other)[1:-1]] == ["deposit"]
        assert [row["type"] for row in _rows(other, PAYOUTS)] == ["total"]


def test_trouble_for_importers(later: Partner) -> None:
    moment = f"{first_of_month(later, 1)[:8]}03T12:24:05Z"
    freeze(later, moment)
    names = {"first_name": "Zoë", "last_name": 'Žižka; "Z"'}
    later.deposit(100_000)
    later.accept(order_of(later, earning(later), recipients=[names]))
    plain = _rows(later)
    american = _read(_get(later, notation="us", date="us").content.decode())
    european = _get(later, notation="eu", encoding="utf-16").content
    assert european.startswith(b"\xff\xfe")
    assert european.decode("utf-16").startswith("date;id;type;")
    read = _read(european.decode("utf-16"), ";")
    assert [row["balance"].replace(",", "") for row in american] == [row["balance"] for row in plain]
    assert [row["balance"].replace(".", "").replace(",", ".") for row in read] == [row["balance"] for row in plain]
    assert (american[2]["amount"], read[2]["amount"], plain[2]["amount"]) == ("1,000.00", "1.000,00", "1000.00")
    assert (american[2]["date"], read[2]["date"]) == (f"{moment[5:7]}/03/{moment[:4]}", moment)
    assert read[3]["description"] == plain[3]["description"] == 'Charge, order for Zoë Žižka; "Z"'
    latin = _get(later, encoding="latin-1")
    assert latin.headers["content-type"] == "text/csv; charset=latin-1; header=present"
    assert _read(latin.content.decode("latin-1"))[3]["description"] == 'Charge, order for Zoë ?i?ka; "Z"'


def test_payouts_line_by_line(partner: Partner) -> None:
    orders = [sold(partner, earning(partner)) for _ in range(2)]
    sold(partner, earning(partner), STORED)
    sold(partner, excluded(partner))
    assert [row["type"] for row in _rows(partner, PAYOUTS)] == ["total"]
    [first] = post(partner, "/_emulator/payouts")["data"]
    partner.step(orders[0]["id"], "refund")
    assert len(_rows(partner, PAYOUTS)) == 3
    orders += [sold(partner, earning(partner)) for _ in range(2)]
    second = post(partner, "/_emulator/payouts")["data"][1]
    rows = _rows(partner, PAYOUTS)
    assert list(rows[0]) == ["date", "payout_id", *ABOUT, "amount", "total"]
    *lines, total = rows
    assert [line["order_id"] for line in lines] == [orders[place]["id"] for place in (0, 1, 0, 2, 3)]
    assert [line["payout_id"] for line in lines] == [first["id"]] * 2 + [second["id"]] * 3
    assert [line["date"] for line in lines] == [first["created_at"]] * 2 + [second["created_at"]] * 3
    assert [line["type"] for line in lines].count("revenue_share_reversal") == 1
    assert sum(_cents(line["amount"]) for line in lines) == _cents(total["total"])
    assert _cents(total["total"]) == first["amount"] + second["amount"]
    assert _cents(lines[1]["total"]) == first["amount"]
    assert lines[2]["description"] == "Reversal of a revenue share, order for Ada Moss"


@given(st.integers(-(10**13), 10**13))
def test_amounts_can_be_read_back(cents: int) -> None:
    plain, american, european = (amount(cents, notation) for notation in Notation)
    assert _cents(plain) == cents
    assert american.replace(",", "") == plain
    assert european.replace(".", "").replace(",", ".") == plain


@given(
    st.lists(st.tuples(TEXTS, TEXTS, st.integers(-(10**12), 10**12)), max_size=6),
    st.sampled_from([Notation.PLAIN, Notation.EU]),
    st.sampled_from([Encoding.UTF_8, Encoding.UTF_16]),
)
def test_any_text_can_be_read_back(lines: list[tuple[str, str, int]], notation: Notation, encoding: Encoding) -> None:
    style = Style(notation, encoding)
    content = written(["d", "a", "b", "c"], [Line(0, (one, other), (cents,)) for one, other, cents in lines], style)
    read: list[Any] = list(
        csv.reader(io.StringIO(content.decode(encoding), newline=""), delimiter=";" if notation is Notation.EU else ",")
    )
    assert [row[1:] for row in read[1:]] == [[one, other, amount(cents, notation)] for one, other, cents in lines]


def test_a_hosted_order_is_no_line_of_stored_value(partner: Partner) -> None:
    order: Json = sold(partner, earning(partner), HOSTED)
    assert order["id"] not in _get(partner).text

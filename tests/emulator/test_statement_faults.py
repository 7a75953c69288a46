"""Statements with mistakes in them, on order."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goody_emulator.money.bookings import Booking
from goody_emulator.money.statement_faults import LATE_BY, Faults, Spoiling

from .partner import STORED, Json, Partner
from .sales import earning, excluded, post, put, sold

PATH = "/_emulator/statement_faults"
STATEMENT = "/_emulator/stored_value/statement.csv"
PAYOUTS = "/_emulator/payouts/statement.csv"
KINDS = ("missing_share", "wrong_amount", "duplicate", "late", "unknown", "excluded_but_paid")
NONE = dict.fromkeys(KINDS, 0) | {"seed": 1}

COUNTS = st.fixed_dictionaries(dict.fromkeys(KINDS, st.integers(0, 4)) | {"seed": st.integers()})
LINES = st.lists(
    st.builds(
        Booking,
        st.integers(0, 10**12),
        st.uuids().map(str),
        st.sampled_from(["deposit", "charge", "revenue_share", "refund"]),
        st.integers(-(10**6), 10**6).filter(bool),
        st.uuids().map(str),
    ),
    max_size=12,
    unique_by=lambda line: line.id,
)


def _lines(partner: Partner, path: str = STATEMENT, **params: str) -> list[dict[str, str]]:
    answer = partner.http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    return [row for row in rows if row["type"] not in {"opening_balance", "closing_balance", "total"}]


def _spoil(partner: Partner, **faults: int) -> Json:
    return put(partner, PATH, faults)


def _essence(rows: list[dict[str, str]]) -> list[tuple[str, ...]]:
    return [(row["id"], row["date"], row["amount"]) for row in rows]


@pytest.fixture
def seller(partner: Partner) -> Partner:
    """A partner with sales by stored value, the last of which earned nothing."""
    for product in (*[earning(partner)] * 5, excluded(partner)):
        sold(partner, product, STORED)
    return partner


def test_without_faults_nothing_is_spoilt(seller: Partner) -> None:
    assert seller.get(PATH) == {"faults": NONE, "stored_value": [], "payouts": []}
    assert [row["id"] for row in _lines(seller)] == [each["id"] for each in seller.account()[1]]


def test_a_share_goes_missing(seller: Partner) -> None:
    right = _lines(seller)
    [mistake] = _spoil(seller, missing_share=1)["stored_value"]
    shown = _lines(seller)
    [missing] = [row for row in right if row not in shown and row["type"] == "revenue_share" and row["id"]
                 not in {each["id"] for each in shown}]  # fmt: skip
    assert (mistake["id"], mistake["shown_amount"]) == (missing["id"], None)
    assert len(shown) == len(right) - 1


def test_an_amount_is_wrong(seller: Partner) -> None:
    right = {row["id"]: row["amount"] for row in _lines(seller)}
    [mistake] = _spoil(seller, wrong_amount=1)["stored_value"]
    wrong = {row["id"]: row["amount"] for row in _lines(seller)}
    assert [each for each in right if right[each] != wrong[each]] == [mistake["id"]]
    assert 0 < abs(mistake["shown_amount"] - mistake["amount"]) < 100
    assert wrong[mistake["id"]] == f"{'-' * (mistake['amount'] < 0)}{abs(mistake['shown_amount']) / 100:.2f}"


def test_a_line_appears_twice(seller: Partner) -> None:
    right = _essence(_lines(seller))
    [mistake] = _spoil(seller, duplicate=1)["stored_value"]
    twice = _essence(_lines(seller))
    assert len(twice) == len(right) + 1
    assert sorted(set(twice)) == sorted(right)
    assert [each[0] for each in twice].count(mistake["id"]) == 2


def test_a_share_is_late(seller: Partner) -> None:
    right = _essence(_lines(seller))
    [mistake] = _spoil(seller, late=1)["stored_value"]
    now = _essence(_lines(seller))
    assert [each for each in right if each not in now] == [each for each in right if each[0] == mistake["id"]]
    assert len(now) == len(right) - 1
    *_, last = _lines(seller, to="2990-01-01")
    assert (last["id"], last["date"]) == (mistake["id"], mistake["shown_date"])
    assert mistake["shown_date"] > mistake["date"]


def test_an_order_nobody_knows(seller: Partner) -> None:
    right = _essence(_lines(seller))
    [mistake] = _spoil(seller, unknown=1)["stored_value"]
    [unknown] = [row for row in _lines(seller) if (row["id"], row["date"], row["amount"]) not in right]
    assert (unknown["id"], unknown["order_id"]) == (mistake["id"], mistake["order_id"])
    assert seller.http.get(f"/v1/orders/{unknown['order_id']}").status_code == 404
    assert mistake["amount"] is None


def test_an_excluded_brand_is_paid(seller: Partner) -> None:
    found = _spoil(seller, excluded_but_paid=5)["stored_value"]
    [paid] = [row for row in _lines(seller) if row["id"] == found[0]["id"]]
    assert len(found) == 1
    assert (paid["type"], paid["order_id"]) == ("revenue_share", found[0]["order_id"])
    names = [item["product"]["id"] for item in seller.get(f"/v1/orders/{paid['order_id']}")["cart"]["items"]]
    assert names == [excluded(seller)["id"]]


def test_balances_add_up_all_the_same(seller: Partner) -> None:
    _spoil(seller, **dict.fromkeys(KINDS, 1))
    balance = 0
    for row in _lines(seller, to="2990-01-01"):
        balance += int(row["amount"].replace(".", ""))
        assert int(row["balance"].replace(".", "")) == balance
    assert balance != seller.account()[0]
    assert seller.get("/v1/payment_methods")["data"][0]["balance"] == seller.account()[0]


def test_the_same_seed_makes_the_same_mistakes(seller: Partner) -> None:
    faults = dict.fromkeys(KINDS, 1) | {"seed": 5}
    first = _spoil(seller, **faults)
    text = seller.http.get(STATEMENT, params={"to": "2990-01-01"}).text
    assert _spoil(seller, **faults) == first == seller.get(PATH)
    assert seller.http.get(STATEMENT, params={"to": "2990-01-01"}).text == text
    assert len(first["stored_value"]) == 6
    _spoil(seller)
    assert seller.get(PATH)["stored_value"] == []


def test_payouts_are_spoilt_too(partner: Partner) -> None:
    for product in (*[earning(partner)] * 4, excluded(partner)):
        sold(partner, product)
    assert _spoil(partner, **dict.fromkeys(KINDS, 1))["payouts"] == []
    [payout] = post(partner, "/_emulator/payouts")["data"]
    mistakes = {each["fault"]: each for each in partner.get(PATH)["payouts"]}
    assert sorted(mistakes) == sorted(KINDS)
    shown = [row["id"] for row in _lines(partner, PAYOUTS, to="2990-01-01")]
    assert {row["payout_id"] for row in _lines(partner, PAYOUTS, to="2990-01-01")} == {payout["id"]}
    times = {name: shown.count(mistake["id"]) for name, mistake in mistakes.items()}
    assert times == dict.fromkeys(KINDS, 1) | {"missing_share": 0, "duplicate": 2}


@pytest.mark.parametrize(
    "body", [{"late": -1}, {"late": 1001}, {"typo": 1}, {"seed": "x"}, {"seed": 10**30}, {"late": 1.5}, []]
)
def test_faults_that_make_no_sense(partner: Partner, body: Any) -> None:
    answer = partner.http.put(PATH, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert partner.get(PATH)["faults"] == NONE


def test_faults_are_an_apps_own_and_a_reset_lifts_them(seller: Partner) -> None:
    _spoil(seller, late=1)
    other = seller.http.get(PATH, headers={"Authorization": "Bearer somebody-else"})
    assert other.json()["faults"] == NONE
    seller.http.post("/_emulator/reset")
    assert seller.get(PATH)["faults"] == NONE


@given(LINES, LINES, COUNTS)
def test_every_mistake_is_listed_and_nothing_else_is_changed(
    lines: list[Booking], unearned: list[Booking], counts: dict[str, int]
) -> None:
    spoiling = Spoiling("", lines, unearned, Faults(**counts))
    shown = spoiling.spoil()
    touched = {mistake.id for mistake in spoiling.mistakes}
    assert [line for line in sorted(lines, key=lambda line: line.moment) if line.id not in touched] == [
        line for line in shown if line.id not in touched
    ]
    by_id = {line.id: line for line in lines}
    for mistake in spoiling.mistakes:
        found = [line for line in shown if line.id == mistake.id]
        assert len(found) == {"missing_share": 0, "duplicate": 2}.get(mistake.fault, 1)
        if mistake.fault == "wrong_amount":
            assert (found[0].amount > 0) == (by_id[mistake.id].amount > 0)
            assert found[0].amount != by_id[mistake.id].amount
        if mistake.fault == "late":
            assert found[0].moment == by_id[mistake.id].moment + LATE_BY
    for kind in KINDS:
        assert sum(mistake.fault == kind for mistake in spoiling.mistakes) <= counts[kind]

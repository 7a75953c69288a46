"""Statements of another format than is assumed: other words, and other signs."""

import csv
import io

import pytest

from goody_emulator.quirks import Quirk

from .partner import HOSTED, STORED, Partner
from .sales import earning, post, sold, use_quirks

STATEMENTS = ("/_emulator/stored_value/statement.csv", "/_emulator/payouts/statement.csv")


@pytest.fixture
def busy(partner: Partner) -> Partner:
    """A partner with lines on both statements."""
    for method in (STORED, HOSTED):
        sold(partner, earning(partner), method)
    post(partner, "/_emulator/payouts")
    return partner


def _table(partner: Partner, path: str) -> list[list[str]]:
    answer = partner.http.get(path, params={"to": "2099-01-01"})
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.text, newline="")))


@pytest.mark.parametrize("path", STATEMENTS)
def test_signs_are_turned_and_sums_are_not(busy: Partner, path: str) -> None:
    header, *before = _table(busy, path)
    use_quirks(busy, Quirk.STATEMENT_SIGNS_TURNED)
    turned_header, *after = _table(busy, path)
    assert turned_header == header
    amount = header.index("amount")
    assert [each[:amount] + each[amount + 1 :] for each in after] == [
        each[:amount] + each[amount + 1 :] for each in before
    ]
    pairs = [(was[amount], now[amount]) for was, now in zip(before, after, strict=True) if was[amount]]
    assert len(pairs) >= 1
    for was, now in pairs:
        assert float(was) == -float(now) != 0


@pytest.mark.parametrize("path", STATEMENTS)
def test_words_are_others(busy: Partner, path: str) -> None:
    header, *before = _table(busy, path)
    use_quirks(busy, Quirk.STATEMENT_OTHER_NAMES)
    other, *after = _table(busy, path)
    assert not set(header) & set(other)
    assert len(set(other)) == len(header)
    kind = header.index("type")
    for was, now in zip(before, after, strict=True):
        assert now[kind] == was[kind].replace("_", " ").capitalize()
        assert now[:kind] + now[kind + 1 :] == was[:kind] + was[kind + 1 :]

"""Tables that a spreadsheet may open."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.spreadsheets import dollars, harmless, write_csv


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1"])
def test_a_text_is_no_formula(text: str) -> None:
    assert next(csv.reader(io.StringIO(write_csv([], [[text]]), newline=""))) == []
    assert [*csv.reader(io.StringIO(write_csv(["h"], [[text]]), newline=""))][1] == [f"'{text}"]


@pytest.mark.parametrize("text", ["tea", "a=1", ""])
def test_what_is_none_is_left_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_numbers_are_numbers() -> None:
    assert write_csv(["a", "b", "c"], [[dollars(-1250), 7, None]]) == "a,b,c\r\n-12.50,7,\r\n"


@given(st.integers(-(10**13), 10**13))
def test_dollars_are_exact(cents: int) -> None:
    written = f"{dollars(cents):f}"
    assert int(written.replace(".", "")) == cents
    assert len(written.rpartition(".")[2]) == 2

"""Amounts are read to the cent, or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.statements.amounts import AmountError, decimal_mark, read_cents

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1234.56", 123_456),
        ("1,234.56", 123_456),
        ("1.234,56", 123_456),
        (f"1{NBSP}234,56", 123_456),
        ("$1'234.50", 123_450),
        ("1,234,567", 123_456_700),
        ("12", 1200),
        ("12.5", 1250),
        (".05", 5),
        ("-12.00", -1200),
        ("12.00-", -1200),
        ("(1,234.56)", -123_456),
        ("\N{MINUS SIGN}$0.07", -7),
        ("$-0.07", -7),
        ("+3.10 USD", 310),
        ("0.1000", 10),
        ("9999999999999.99", 999_999_999_999_999),
    ],
)
def test_the_usual_notations(text: str, cents: int) -> None:
    assert read_cents(text, None) == cents


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "abc",
        "=1+1",
        "1.2.3",
        "1,23,456.00",
        "12.345",
        "1e3",
        "٣",
        "€ 5",
        "--5",
        "1" * 41,
        "99999999999999.00",
        "NaN",
        "Infinity",
        "1.234.56",
        "12.00 12.00",
    ],
)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(AmountError):
        read_cents(text, ".")


def test_what_could_be_two_amounts_is_decided_by_the_others() -> None:
    with pytest.raises(AmountError, match="two ways"):
        read_cents("1,234", None)
    assert read_cents("1,234", ".") == 123_400
    with pytest.raises(AmountError, match="part of a cent"):
        read_cents("1,234", ",")
    assert decimal_mark(["1,234", "5.10", "x"]) == "."
    assert decimal_mark(["1.234", "5,10"]) == ","
    assert decimal_mark(["1,234", ""]) is None
    assert decimal_mark(["5.10", "5,10"]) is None
    with pytest.raises(AmountError, match="otherwise"):
        read_cents("5,10", ".")


@given(st.integers(-(10**14), 10**14), st.sampled_from([",.", ".,", " .", " ,", "'."]))
def test_no_cent_is_lost(cents: int, marks: str) -> None:
    whole, rest = divmod(abs(cents), 100)
    text = f"{'-' if cents < 0 else ''}{whole:,}".replace(",", marks[0]) + f"{marks[1]}{rest:02}"
    assert read_cents(text, None) == read_cents(text, marks[1]) == cents
    plain = str(Decimal(cents).scaleb(-2))
    if "E" not in plain:
        assert read_cents(plain, ".") == cents

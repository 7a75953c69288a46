"""Money as people read it, and ids that nobody guesses."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.ids import ALPHABET, LENGTH, new_id, new_token
from foundation.money import show


@pytest.mark.parametrize(
    ("cents", "shown"),
    [
        (0, "$0.00"),
        (1, "$0.01"),
        (10, "$0.10"),
        (99, "$0.99"),
        (2500, "$25.00"),
        (123_456, "$1,234.56"),
        (-250, "-$2.50"),
        (10**15 + 1, "$10,000,000,000,000.01"),
    ],
)
def test_cents_are_shown_as_dollars(cents: int, shown: str) -> None:
    assert show(cents) == shown


@given(st.integers(-(10**15), 10**15))
def test_no_cent_is_lost(cents: int) -> None:
    digits = re.sub(r"[^\d]", "", show(cents))
    assert int(digits) == abs(cents)


def test_an_id_tells_what_it_is_of() -> None:
    assert re.fullmatch(rf"chk_[{ALPHABET}]{{{LENGTH}}}", new_id("chk"))


def test_ids_do_not_repeat_and_use_the_whole_alphabet() -> None:
    made = [new_id("x") for _ in range(2000)]
    assert len(set(made)) == 2000
    assert set("".join(each.removeprefix("x_") for each in made)) == set(ALPHABET)


@given(st.integers(0, 200))
def test_a_token_is_as_long_as_asked_for(length: int) -> None:
    assert len(new_token(length)) == length

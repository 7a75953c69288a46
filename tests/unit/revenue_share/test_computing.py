"""An order's share: against arithmetic on paper, and examples worked by hand."""

import ast
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import payments.ledger
import payments.revenue_share
from payments.revenue_share.computing import Item, Line, OrderAmounts, Without, compute, part_kept
from payments.revenue_share.dividing import divided, rounded, spread
from payments.revenue_share.terms import Base, Rounding, Terms, Tier
from payments.revenue_share.tiers import beyond_first_rate
from tests.unit.revenue_share import plain
from tests.unit.revenue_share.drawn import amounts, carts, cents, rates, terms

TEA = Item("green", "tea", 2, 1500, is_excluded=False)
PEN = Item("fountain", "pens", 1, 2500, is_excluded=False)
CARD = Item("voucher", "cards", 1, 5000, is_excluded=True)


def shares(lines: Sequence[Line]) -> list[int]:
    return [line.share for line in lines]


@given(terms=terms, items=carts, costs=amounts)
def test_a_share_is_what_it_is_on_paper(terms: Terms, items: list[Item], costs: OrderAmounts) -> None:
    lines = compute(terms, items, costs)
    assert sum(shares(lines)) == plain.share_of(terms, items, costs)
    assert sum(line.goods for line in lines) == costs.product
    assert all(line.share >= 0 and line.base >= 0 for line in lines)
    assert all(line.base == line.share == 0 for line in lines if line.without)


@given(terms=terms, items=carts, costs=amounts, charge=cents, kept=cents)
def test_of_a_refunded_order_no_line_keeps_more_than_it_had(
    terms: Terms, items: list[Item], costs: OrderAmounts, charge: int, kept: int
) -> None:
    lines = compute(terms, items, costs)
    left = part_kept(terms, lines, kept, charge)
    assert all(0 <= new.share <= old.share for new, old in zip(left, lines, strict=True))
    assert all(0 <= new.base <= old.base for new, old in zip(left, lines, strict=True))
    if kept < charge:
        exact = Fraction(sum(shares(lines)) * (charge - kept), charge)
        assert sum(shares(left)) == sum(shares(lines)) - plain.whole_cents(exact, terms.rounding)


@given(terms=terms, volume=st.integers(-10_000, 400_000))
def test_tiers_are_marginal(terms: Terms, volume: int) -> None:
    assert beyond_first_rate(terms, volume) == plain.tiers_add(terms, volume)


@given(amount=cents, weights=st.lists(cents, min_size=1, max_size=6))
def test_parts_sum_up_to_the_whole(amount: int, weights: list[int]) -> None:
    assert sum(divided(amount, weights)) == sum(spread(amount, weights)) == amount
    if amount <= sum(weights):
        assert all(part <= weight for part, weight in zip(spread(amount, weights), weights, strict=True))


def test_goods_are_divided_by_the_prices_and_the_rest_goes_to_the_dearest() -> None:
    lines = compute(Terms(rate_bps=1000), [TEA, PEN], OrderAmounts(product=5000, shipping=800, credit_applied=0))
    assert [line.goods for line in lines] == [2728, 2272]
    assert shares(lines) == [273, 227]


@pytest.mark.parametrize(
    ("base", "expected"),
    [(Base.PRODUCTS, 550), (Base.PRODUCTS_AND_SHIPPING, 630), (Base.AFTER_CREDITS, 500)],
)
def test_what_it_is_computed_on(base: Base, expected: int) -> None:
    costs = OrderAmounts(product=5500, shipping=800, credit_applied=500)
    assert sum(shares(compute(Terms(rate_bps=1000, base=base), [TEA, PEN], costs))) == expected


def test_brands_may_have_rates_of_their_own_or_earn_nothing() -> None:
    agreed = Terms(rate_bps=1000, brand_rates={"pens": 2000}, excluded_brand_ids=["tea"])
    lines = compute(agreed, [TEA, PEN, CARD], OrderAmounts(10_500, 0, 0))
    assert shares(lines) == [0, 500, 0]
    assert [line.without for line in lines] == [Without.EXCLUDED_BY_TERMS, None, Without.EXCLUDED_BY_GOODY]


def test_an_order_below_the_minimum_earns_nothing() -> None:
    agreed = Terms(rate_bps=1000, minimum_order=3000)
    assert shares(compute(agreed, [TEA], OrderAmounts(3000, 0, 0))) == [300]
    assert shares(compute(agreed, [PEN, CARD], OrderAmounts(7500, 0, 0))) == [0, 0]


@pytest.mark.parametrize(
    ("numerator", "rounding", "expected"),
    [
        (25_000, Rounding.HALF_EVEN, 2),
        (35_000, Rounding.HALF_EVEN, 4),
        (25_000, Rounding.HALF_UP, 3),
        (29_999, Rounding.DOWN, 2),
        (25_001, Rounding.HALF_EVEN, 3),
        (24_999, Rounding.HALF_UP, 2),
    ],
)
def test_halves(numerator: int, rounding: Rounding, expected: int) -> None:
    assert rounded(numerator, 10_000, rounding) == expected


def test_a_month_that_reaches_two_tiers() -> None:
    agreed = Terms(rate_bps=1000, tiers=[Tier(100_000, 1200), Tier(200_000, 1500)])
    assert beyond_first_rate(agreed, 100_000) == 0
    assert beyond_first_rate(agreed, 150_000) == 1000
    assert beyond_first_rate(agreed, 300_000) == 2000 + 5000


@given(terms=terms)
def test_terms_are_read_as_they_were_written(terms: Terms) -> None:
    assert Terms.read(terms.write()).write() == terms.write()


@given(rate=rates)
def test_the_highest_rate_bounds_every_brand(rate: int) -> None:
    agreed = Terms(rate_bps=rate, brand_rates={"tea": 700})
    assert agreed.highest_rate >= max(agreed.rate_of("tea"), agreed.rate_of("pens"))


@pytest.mark.parametrize("package", [payments.ledger, payments.revenue_share], ids=lambda package: package.__name__)
def test_no_file_about_money_divides_or_names_a_float(package: object) -> None:
    folder = Path(str(package.__file__)).parent  # type: ignore[attr-defined]
    nodes = [node for file in folder.glob("*.py") for node in ast.walk(ast.parse(file.read_text()))]
    assert len(nodes) > 1000
    seconds = {
        part
        for node in nodes
        if isinstance(node, ast.arg) and node.arg == "patience" and node.annotation is not None
        for part in ast.walk(node.annotation)
    }
    for node in set(nodes) - seconds:
        assert not isinstance(node, ast.Div), "a division makes a float"
        assert not (isinstance(node, ast.Name) and node.id in {"float", "Decimal", "round"})
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float | complex))

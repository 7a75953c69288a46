"""Pure money: what earns a share, and how it is rounded."""

from hypothesis import given
from hypothesis import strategies as st

from goody_emulator.catalog import Catalog
from goody_emulator.orders.pricing import Line, quote, revenue_share

CENTS = st.integers(0, 10**10)
RATES = st.integers(0, 10_000)
PRODUCTS = tuple(Catalog(seed=7, products=240).products.values())
LINES = st.lists(
    st.builds(Line, st.sampled_from(PRODUCTS), st.integers(1, 40), st.integers(1, 90_000)), min_size=1, max_size=6
)


@given(CENTS, RATES)
def test_a_share_is_off_by_half_a_cent_at_most(base: int, rate: int) -> None:
    exact = base * rate
    assert -5000 < revenue_share(base, rate) * 10_000 - exact <= 5000


@given(CENTS, RATES)
def test_a_share_lies_between_nothing_and_all(base: int, rate: int) -> None:
    assert 0 <= revenue_share(base, rate) <= base
    assert revenue_share(base, 10_000) == base
    assert revenue_share(base, 0) == revenue_share(0, rate) == 0


@given(CENTS, CENTS, RATES)
def test_more_earns_no_less(one: int, other: int, rate: int) -> None:
    assert revenue_share(min(one, other), rate) <= revenue_share(max(one, other), rate)


def test_half_a_cent_is_rounded_up() -> None:
    assert [revenue_share(base, 1500) for base in (10, 30, 50, 3333)] == [2, 5, 8, 500]


@given(LINES)
def test_products_of_excluded_brands_earn_nothing(lines: list[Line]) -> None:
    earning = [line for line in lines if not line.product.brand.commerce_revshare_excluded]
    priced = quote(lines)
    assert priced.share_base == sum(line.unit_price * line.quantity for line in earning)
    assert priced.share_base <= priced.product

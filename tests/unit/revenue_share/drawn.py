"""Terms, carts and amounts as hypothesis draws them."""

from hypothesis import strategies as st

from payments.revenue_share.computing import Item, OrderAmounts
from payments.revenue_share.terms import Base, RefundRule, Rounding, Terms, Tier, faults_of

BRANDS = ("tea", "pens", "wool")
PRODUCTS = {f"{brand}-{number}": brand for brand in BRANDS for number in (1, 2)}

rates = st.integers(0, 10_000)
cents = st.integers(0, 50_000)


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    """Up to three tiers by rising volume."""
    edges = sorted(draw(st.sets(st.integers(1, 200_000), max_size=3)))
    return tuple(Tier(edge, draw(rates)) for edge in edges)


terms = st.builds(
    Terms,
    rate_bps=rates,
    tiers=tiers(),
    base=st.sampled_from(Base),
    brand_rates=st.dictionaries(st.sampled_from(BRANDS), rates, max_size=2),
    excluded_brand_ids=st.lists(st.sampled_from(BRANDS), unique=True, max_size=2).map(tuple),
    minimum_order=st.sampled_from([0, 0, 100, 5000]),
    rounding=st.sampled_from(Rounding),
    refund_rule=st.sampled_from(RefundRule),
).filter(lambda drawn: not faults_of(drawn))

items = st.builds(
    lambda product, quantity, price, is_excluded: Item(product, PRODUCTS[product], quantity, price, is_excluded),
    product=st.sampled_from([*PRODUCTS]),
    quantity=st.integers(1, 5),
    price=cents,
    is_excluded=st.booleans(),
)
carts = st.lists(items, min_size=1, max_size=5)

amounts = st.builds(OrderAmounts, product=cents, shipping=st.integers(0, 3000), credit_applied=st.integers(0, 60_000))

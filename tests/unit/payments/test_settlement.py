"""What a stored value sale settles at."""

from hypothesis import given
from hypothesis import strategies as st

from payments.settlement import captured_part, settlement
from payments.tables import Order


def order(**fields: object) -> Order:
    return Order(**{"payment_mode": "stored_value", "status": "paid", "captured": 3300, "amounts": {}, **fields})


@given(st.integers(0, 10**9), st.integers(1, 600))
def test_the_parts_sum_up_to_what_was_captured(amount: int, recipients: int) -> None:
    parts = [captured_part(amount, recipients, position) or 0 for position in range(recipients)]
    assert sum(parts) == amount
    assert max(parts) - min(parts) <= 1


def test_what_is_left_is_to_be_released() -> None:
    settled = settlement(order(amounts={"amount_total": 3000, "amount_credit_applied": 100}))
    assert settled == {"captured": 3300, "final": 2900, "release": 400, "shortfall": 0}


def test_what_is_missing_is_a_shortfall() -> None:
    settled = settlement(order(amounts={"amount_total": 3501, "amount_credit_applied": 0}))
    assert settled == {"captured": 3300, "final": 3501, "release": 0, "shortfall": 201}


def test_nothing_is_settled_before_acceptance() -> None:
    open_gift = settlement(order(status="opened", amounts={"amount_total": None}))
    assert open_gift == {"captured": 3300, "final": None, "release": None, "shortfall": None}


def test_a_cancelled_gift_releases_all() -> None:
    cancelled = settlement(order(status="canceled", amounts={"amount_total": None}))
    assert cancelled == {"captured": 3300, "final": 0, "release": 3300, "shortfall": 0}


def test_without_a_captured_amount_only_the_final_one_is_told() -> None:
    told = settlement(order(captured=None, amounts={"amount_total": 3000}))
    assert told == {"captured": None, "final": 3000, "release": None, "shortfall": None}


def test_other_modes_have_no_settlement() -> None:
    assert settlement(order(payment_mode="hosted_payment", amounts={"amount_total": 3000})) is None

"""What the balance must be, and how long it lasts."""

from datetime import UTC, datetime, timedelta

import pytest

from payments.reconciliation.balance import LAG, Books, days_left, difference, is_low

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def books(expected: int = 0, **others: int) -> Books:
    return Books(
        expected, others.get("unknown_refunds", 0), others.get("spent", 0), is_settled=True, activities_read_at=NOON
    )


def test_a_refund_of_unknown_amount_may_be_any_part_of_it() -> None:
    assert difference(100, 40, books(60)) == 0
    assert difference(101, 40, books(60)) == 1
    assert [difference(found, 0, books(1000, unknown_refunds=300)) for found in (1001, 1000, 700, 699)] == [
        1,
        0,
        0,
        -301,
    ]


def test_it_is_judged_once_the_activities_of_its_time_are_read() -> None:
    assert books().is_caught_up(NOON - LAG)
    assert not books().is_caught_up(NOON - LAG + timedelta(seconds=1))
    assert Books(0, 0, 0, is_settled=True, activities_read_at=None).is_caught_up(NOON)
    assert not Books(0, 0, 0, is_settled=False, activities_read_at=None).is_caught_up(NOON)


@pytest.mark.parametrize(
    ("available", "spent", "left", "low"),
    [
        (1400, 1400, 14, False),
        (699, 1400, 6, True),
        (700, 1400, 7, False),
        (5, 0, None, False),
        (-1, 0, 0, True),
        (0, 0, 0, True),
        (0, 5, 0, True),
        (100, -5, None, False),
    ],
)
def test_how_long_it_lasts(available: int, spent: int, left: int | None, low: bool) -> None:  # noqa: FBT001
    assert (days_left(available, spent), is_low(available, spent, 7)) == (left, low)

"""Dates in the usual notations."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.statements.dates import DateError, Moment, is_day_first, read_moment

THIRD_OF_JUNE = datetime(2026, 6, 3, tzinfo=UTC)
SHAPES = (
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S+00:00",
    "%m/%d/%Y %I:%M:%S %p",
    "%d.%m.%Y %H:%M:%S",
    "%d %b %Y %H:%M:%S UTC",
    "%B %d, %Y, %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
)


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-03",
        "2026/6/3",
        "20260603",
        "06/03/2026",
        "6/3/26",
        "03.06.2026",
        "3 Jun 2026",
        "Jun 3, 2026",
        "June 3 2026",
        "03-Jun-2026",
        " 2026-06-03 ",
    ],
)
def test_a_day(text: str) -> None:
    assert read_moment(text) == Moment(THIRD_OF_JUNE, is_day=True)


@given(st.datetimes(datetime(2001, 1, 1), datetime(2098, 12, 31)), st.sampled_from(SHAPES))  # noqa: DTZ001
def test_a_moment(at: datetime, shape: str) -> None:
    at = at.replace(microsecond=0, tzinfo=UTC)
    assert read_moment(at.strftime(shape)) == Moment(at)


def test_zones() -> None:
    assert read_moment("2026-06-03T00:30:00.5+02:00").at == datetime(2026, 6, 2, 22, 30, 0, 500_000, UTC)
    west = timezone(timedelta(hours=-8))
    assert read_moment("2026-06-02 16:00", zone=west).at == THIRD_OF_JUNE


def test_which_comes_first_is_told_by_those_that_leave_no_choice() -> None:
    assert read_moment("03/06/2026", day_first=True).at == THIRD_OF_JUNE
    assert is_day_first(["03/04/2026", "13/04/2026"]) is True
    assert is_day_first(["03/04/2026", "04/13/2026"]) is False
    assert is_day_first(["03/04/2026", "2026-01-01"]) is None
    assert is_day_first(["13/04/2026", "04/13/2026"]) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-13-01",
        "2026-02-30",
        "13/13/2026",
        "2026-06-03T25:00",
        "13:00 PM",
        "=TODAY()",
        "1" * 50,
        "2026-06-03 13:00 PM",
        "46176",
        "3 Foo 2026",
        "0000-01-01",
        "9999-12-31T23:00:00-05:00",
    ],
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(DateError):
        read_moment(text)

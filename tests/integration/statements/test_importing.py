"""Every line once, whatever comes twice, overlaps, is corrected, or breaks off."""

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.errors import NotFoundError
from goody_emulator.money.notation import Dates, Encoding, Line, Notation, Style
from payments.statements import importing
from payments.statements.reading import Statement
from payments.statements.tables import StatementFile
from storefront.services import Services
from tests.integration.payments.stage import neighbour_of
from tests.integration.statements.files import another_app, line, payouts, rows, stored_value, take
from tests.shop import Shop

A, B, C = line("a", "deposit", 100), line("b", "charge", -30, order="o1", day=2), line("c", "deposit", 5, day=3)


@pytest.fixture
def services(shop: Shop) -> Services:
    return shop.services


@pytest.fixture
def app_id(shop: Shop) -> str:
    return shop.app_id


def counts(made: StatementFile) -> tuple[int, ...]:
    return tuple(made.counts[name] for name in ("rows", "new", "known", "revised", "withdrawn", "bad"))


def test_overlapping_periods_add_up_to_their_union(services: Services, app_id: str) -> None:
    first = take(services, app_id, stored_value([A, B]))
    second = take(services, app_id, stored_value([B, C], style=Style(Notation.EU, Encoding.UTF_16, Dates.US)))
    assert (counts(first.statement), counts(second.statement)) == ((2, 2, 0, 0, 0, 0), (2, 1, 1, 0, 0, 0))
    assert rows(services, app_id) == [("a", 100, 1), ("b", -30, 1), ("c", 5, 1)]
    again = take(services, app_id, stored_value([A, B]))
    assert (again.is_new, again.statement.id) == (False, first.statement.id)


def test_a_line_twice_in_one_file_is_two(services: Services, app_id: str) -> None:
    take(services, app_id, stored_value([A, B, B]))
    take(services, app_id, stored_value([B, B, C]))
    assert rows(services, app_id) == [("a", 100, 1), ("b", -30, 1), ("b", -30, 2), ("c", 5, 1)]


def test_a_later_file_corrects_what_it_tells_otherwise(services: Services, app_id: str) -> None:
    wrong = line("b", "charge", -31, order="o1", day=2)
    take(services, app_id, stored_value([A, wrong, C, C]))
    later = take(services, app_id, stored_value([B, C]))
    assert counts(later.statement) == (2, 1, 1, 2, 0, 0)
    assert rows(services, app_id) == [("a", 100, 1), ("b", -30, 1), ("c", 5, 1)]
    assert rows(services, app_id, is_live=False) == [("b", -31, 1), ("c", 5, 2)]


def test_a_whole_file_takes_back_what_never_was(services: Services, app_id: str) -> None:
    invented = line("x", "charge", -1, order="nobody", day=4)
    outside = line("y", "deposit", 7, day=40)
    take(services, app_id, stored_value([A, B, invented, outside]))
    assert counts(take(services, app_id, stored_value([A, B])).statement)[4] == 0, "it may lack lines"
    whole = take(services, app_id, stored_value([A, B], opening=0))
    assert (whole.statement.is_whole, counts(whole.statement)[4]) == (True, 1)
    assert rows(services, app_id) == [("a", 100, 1), ("b", -30, 1), ("y", 7, 1)]


def test_an_account_leaves_the_other_alone(services: Services, app_id: str) -> None:
    take(services, app_id, payouts([line("a", "revenue_share", 9, order="o1", payout="p")]))
    take(services, app_id, stored_value([A], opening=0))
    assert rows(services, app_id) == [("a", 9, 1), ("a", 100, 1)]


def test_names_of_recipients_are_not_kept(services: Services, app_id: str) -> None:
    take(services, app_id, stored_value([A, B]))
    with services.sessions.connect() as connection:
        found = connection.exec_driver_sql("SELECT transaction_id, description FROM statement_rows").all()
    assert sorted((*row,) for row in found) == [("a", "about a"), ("b", "")]


def test_what_broke_off_goes_on(services: Services, app_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 1)
    content = stored_value([A, B, C])
    chunks = importing._chunks  # noqa: SLF001  to break off in the midst

    def broken(statement: Statement) -> Iterator[object]:
        yield next(chunks(statement))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(importing, "_chunks", broken)
        with pytest.raises(KeyboardInterrupt):
            take(services, app_id, content)
    assert rows(services, app_id) == [("a", 100, 1)]
    resumed = take(services, app_id, content)
    assert (resumed.is_new, resumed.statement.status, counts(resumed.statement)[:3]) == (False, "imported", (3, 3, 0))


def test_a_neighbours_statements_are_not_there(shop: Shop) -> None:
    made = take(shop.services, shop.app_id, stored_value([A]))
    with neighbour_of(shop) as other:
        with pytest.raises(NotFoundError):
            shop.services.statements.get(other.app_id, made.statement.id)
        assert take(shop.services, other.app_id, stored_value([A])).statement.counts["new"] == 1


LINES = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from(["charge", "deposit"]), st.integers(-500, 500), st.booleans()),
    max_size=6,
    unique_by=lambda each: each[0],
)
STYLES = st.builds(Style, st.sampled_from(Notation), st.sampled_from(Encoding), st.sampled_from(Dates))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(LINES, st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), STYLES), max_size=3), st.randoms())
def test_in_whatever_order_and_however_often_it_is_the_same(
    shop: Shop, lines: list[tuple[str, str, int, bool]], cuts: list[tuple[int, int, Style]], chance: Random
) -> None:
    """Lines in any order, in overlapping files in any order, each file twice: the same lines are stored."""
    all_lines: list[Line] = [
        line(name, kind, cents, order=f"order-{name}" if has_order else "", day=number)
        for number, (name, kind, cents, has_order) in enumerate(lines)
    ]
    parts = [(all_lines[start:end], style) for start, end, style in cuts] + [(all_lines, Style())]
    files = [stored_value(chance.sample(part, len(part)), style=style) for part, style in parts] * 2
    chance.shuffle(files)
    app_id = another_app(shop)
    for content in files:
        take(shop.services, app_id, content)
    assert rows(shop.services, app_id) == sorted((name, cents, 1) for name, _, cents, _ in lines)

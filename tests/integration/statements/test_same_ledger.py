"""Whatever the order of lines and files, and however often they come: the ledger comes out the same."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.ids import new_token
from goody_emulator.money.notation import Dates, Encoding, Line, Notation, Style
from payments.revenue_share.terms import Terms
from storefront.migrating import migrate
from storefront.services import Services, build_services
from tests.databases import Databases
from tests.integration.ledger.conftest import new_app
from tests.integration.ledger.sales import Sales
from tests.integration.ledger.stage import Books
from tests.integration.statements.files import START, line, stored_value, take
from tests.shop import MovingClock, settings_for

STYLES = st.builds(Style, st.sampled_from(Notation), st.sampled_from(Encoding), st.sampled_from(Dates))
CUTS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), STYLES), max_size=3)


@pytest.fixture(scope="module")
def services(databases: Databases) -> Iterator[Services]:
    url = databases.new()
    services = build_services(settings_for(url), clock=MovingClock())
    migrate(services.sessions)
    yield services
    services.close()
    databases.drop(url)


def sold(services: Services, prices: list[int]) -> tuple[Books, list[Line]]:
    """An app with orders at these prices, and the lines of the statement that is right for them."""
    app_id = new_app(services.sessions, f"app-{new_token()}")
    books = Books(services.sessions, services.ledger, MovingClock(), app_id)
    sales = Sales(books)
    sales.agree(Terms(1000), START - timedelta(days=1))
    lines = [line("deposit", "deposit", 10_000_000)]
    for number, price in enumerate(prices):
        product = f"product-{number}"
        sales.shelf.put(product, f"brand-{number % 2}", price, is_excluded=number % 4 == 3)
        order_id = sales.order([(product, 1)])
        sales.accept(order_id, [(product, 1)], product=price)
        sales.book()
        share = sum(each["share"] for each in sales.share(order_id).lines)
        lines += [line(f"charge-{number}", "charge", -price, order=order_id, day=number + 2)]
        lines += [line(f"share-{number}", "revenue_share", share, order=order_id, day=number + 2)] if share else []
    books.deposit(10_000_000)
    return books, lines


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(100, 90_000), min_size=1, max_size=5), CUTS, st.randoms(), st.booleans())
def test_the_ledger_is_the_same(
    services: Services,
    prices: list[int],
    cuts: list[tuple[int, int, Style]],
    chance: Random,
    is_doubled: bool,  # noqa: FBT001  drawn by hypothesis
) -> None:
    books, lines = sold(services, prices)
    parts = [(lines[start:end], style) for start, end, style in cuts] + [(lines, Style())]
    files = [stored_value(chance.sample(part, len(part)), style=style) for part, style in parts] * 2
    if is_doubled:
        files.append(stored_value([*lines, *lines]))
    chance.shuffle(files)
    for content in files:
        take(services, books.app_id, content)
        if chance.random() < 0.5:
            reconcile(services, books)
    reconcile(services, books)
    total = sum(each.amounts[0] or 0 for each in lines)
    assert books.balances().get("stored_value", 0) == total
    assert books.balances().get("share_receivable", 0) == 0
    received = [str(entry.order_id) for entry in books.entries() if entry.kind == "share_received"]
    assert sorted(received) == sorted(each.texts[2] for each in lines if each.texts[1] == "revenue_share")
    before = len(books.entries())
    reconcile(services, books)
    assert len(books.entries()) == before


def reconcile(services: Services, books: Books) -> None:
    services.reconciliations.run(books.app_id, START - timedelta(days=1), START + timedelta(days=60), "test")

"""Statements are reconciled by themselves: at once when one is new, and now and then."""

import pytest
import sqlalchemy as sa

from payments.modes import PaymentMode
from payments.reconciliation.tables import ReconciliationRow
from storefront.worker import jobs
from tests.integration.statements.files import another_app, line, stored_value, take
from tests.integration.statements.stage import Sales
from tests.shop import Shop


@pytest.fixture
def sales(shop: Shop) -> Sales:
    sales = Sales(shop)
    sales.agree()
    return sales


def run(sales: Sales) -> int:
    """Let the worker's job have its turn."""
    [job] = [job for job in jobs(sales.shop.services) if job.name == "reconciliation"]
    assert job.every_seconds <= 5
    return sales.shop.services.reconciliation_schedule.run_due()


def test_a_new_statement_is_reconciled_at_once_and_once(sales: Sales) -> None:
    assert run(sales) == 0, "there is nothing to reconcile"
    sales.sell(sales.of_brand(is_excluded=False), PaymentMode.STORED_VALUE, 2)
    sales.catch_up()
    sales.spoil(wrong_amount=1)
    sales.statements()
    assert (run(sales), run(sales)) == (1, 0)
    assert sales.types() == ["unexplained_deposit", "wrong_amount"]
    assert {each["type"] for each in sales.shop.events()} >= {"discrepancy.opened"}
    sales.spoil()
    sales.statements()
    assert (run(sales), sales.types()) == (1, ["unexplained_deposit"])
    metrics = sales.shop.under(metrics_token="a-token-of-the-tests").call("GET", "/metrics", key="a-token-of-the-tests")
    assert 'storefront_reconciliation_age_seconds{app="shop"}' in metrics.text


def test_an_old_statement_is_looked_at_where_it_tells(sales: Sales) -> None:
    sales.shop.clock.advance(days=200)
    take(sales.shop.services, sales.shop.app_id, stored_value([line("x", "deposit", 77)]))
    assert (run(sales), sales.types()) == (1, ["unexplained_deposit"])


def test_now_and_then_without_news_and_again_after_a_failure(sales: Sales) -> None:
    take(sales.shop.services, sales.shop.app_id, stored_value([line("x", "deposit", 77)]))
    other = another_app(sales.shop)
    assert run(sales) == 1
    sales.shop.clock.advance(hours=5)
    assert run(sales) == 0
    sales.shop.clock.advance(hours=1)
    assert run(sales) == 1
    with sales.shop.services.sessions.begin() as session:
        session.execute(sa.update(ReconciliationRow).values(error="It broke off."))
    assert run(sales) == 0
    sales.shop.clock.advance(minutes=10)
    assert run(sales) == 1
    with sales.shop.services.sessions.read() as session:
        apps = {row.app_id for row in session.scalars(sa.select(ReconciliationRow))}
    assert other not in apps, "it has no statement"

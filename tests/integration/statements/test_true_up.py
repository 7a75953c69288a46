"""What a month's tiers added is paid without an order, and stands beside the true-up of the month's close."""

from datetime import timedelta

import sqlalchemy as sa

from payments.ledger.periods import Period
from payments.reconciliation.tables import Discrepancy, MatchRow
from payments.revenue_share.terms import Terms, Tier
from tests.integration.ledger.sales import Sales
from tests.integration.ledger.stage import Books
from tests.integration.statements.files import START, line, stored_value, take
from tests.shop import Shop


def test_a_true_up_that_is_paid_is_booked_and_is_no_unknown_transaction(shop: Shop) -> None:
    services = shop.services
    books = Books(services.sessions, services.ledger, shop.clock, shop.app_id)
    sales = Sales(books)
    sales.shelf.put("green", "tea", 40_000)
    sales.agree(Terms(rate_bps=1000, tiers=[Tier(10_000, 2000)]))
    order_id = sales.order([("green", 1)])
    sales.accept(order_id, [("green", 1)], tax=0)
    sales.book()
    month = Period.of(shop.clock())
    shop.clock.advance(seconds=(month.ends - shop.clock()).total_seconds() + 60)
    paid_on = (month.ends - START) / timedelta(days=1) + 5
    paid = line("t1", "revenue_share", 3000, day=paid_on)
    take(services, shop.app_id, stored_value([paid]))

    def reconcile() -> None:
        services.reconciliations.run(shop.app_id, month.begins, month.ends + timedelta(days=20), "test")

    def unknown() -> list[str]:
        with services.sessions.read() as session:
            found = session.scalars(sa.select(Discrepancy).where(Discrepancy.type == "unknown_transaction"))
            return [each.status for each in found]

    reconcile()
    assert unknown() == ["open"], "the month is not closed yet"
    services.closings.close(shop.app_id, month, "ana")
    assert books.balances()["share_receivable"] == 4000 + 3000
    reconcile()
    assert unknown() == ["resolved"]
    assert books.balances()["share_receivable"] == 4000
    with services.sessions.read() as session:
        match = session.scalars(sa.select(MatchRow).where(MatchRow.holds)).one()
    assert (match.rule, match.confidence, match.target) == ("tier_true_up", 80, f"tiers:{month}")
    entry = books.entries()[-1]
    assert (entry.kind, entry.order_id, entry.details["period"]) == ("share_received", None, str(month))
    before = len(books.entries())
    reconcile()
    assert len(books.entries()) == before

    take(services, shop.app_id, stored_value([line("t1", "revenue_share", 2990, day=paid_on)]))
    reconcile()
    assert (unknown(), books.balances()["share_receivable"]) == (["resolved", "open"], 7000)

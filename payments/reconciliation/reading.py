"""What a period is judged by, read in one snapshot."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from foundation.database import Session
from payments.reconciliation import books, lines, whole
from payments.reconciliation.kinds import Status, Type
from payments.reconciliation.tables import Discrepancy
from payments.reconciliation.values import Coverage, Deposit, Expected, Finding, Line, Outcome, TrueUp
from payments.statements.kinds import Account
from payments.statements.tables import StatementRow

LOOKING_BACK: Final = timedelta(days=62)
"""How long before the period money may have moved that its statements settle: a payout is of the month before."""


@dataclass(frozen=True, slots=True)
class World:
    """Statements' lines, the books, and what statements say of themselves."""

    lines: Sequence[Line]
    orders: Sequence[Expected]
    deposits: Sequence[Deposit]
    coverage: dict[Account, Coverage]
    payouts: Sequence[datetime]
    true_ups: Sequence[TrueUp]
    statements: Sequence[Finding]


def read_world(session: Session, app_id: str, since: datetime, until: datetime) -> World:
    """All lines since some time before the period, and every order that they or the books name."""
    begin = since - LOOKING_BACK
    found = lines.lines_since(session, app_id, begin)
    names = {name for line in found for name in (line.order_id, line.order_reference) if name}
    booked = books.orders_booked(session, app_id, begin, until)
    order_ids = booked | _of_open(session, app_id) | books.orders_named(session, app_id, names - booked)
    orders = books.expected_of(session, app_id, order_ids)
    # An order of long ago is judged by all of its lines.
    old = [order for order in orders if order.paid_at is None or order.paid_at < begin]
    old_names = {name for order in old for name in (order.order_id, order.reference_id) if name}
    return World(
        lines=[*found, *lines.lines_of(session, app_id, old_names, begin)],
        orders=orders,
        deposits=books.recorded_deposits(session, app_id, begin),
        coverage=lines.coverage_of(session, app_id),
        payouts=lines.payouts_of(session, app_id),
        true_ups=books.true_ups(session, app_id),
        statements=whole.disagreeing(lines.statements_of(session, app_id), since, until),
    )


def is_of_period(finding: Finding, since: datetime, until: datetime) -> bool:
    """Whether a finding belongs to the period. What names no order is judged in its own period alone."""
    return finding.order_id is not None or since <= finding.moment < until


def explained(session: Session, app_id: str, outcome: Outcome, world: World) -> Collection[str]:
    """The ids of discrepancies that were looked for and are not there any more."""
    keys = {finding.key for finding in outcome.findings}
    orders = {order.order_id for order in world.orders}
    matched = {each.line.id for each in outcome.matches}
    deposits = {f"{Type.BALANCE_MISMATCH}:entry:{deposit.number}" for deposit in world.deposits}
    standing = (
        sa.select(Discrepancy.id, Discrepancy.key, Discrepancy.order_id, Discrepancy.row_id, StatementRow.gone_by)
        .outerjoin(StatementRow, StatementRow.id == Discrepancy.row_id)
        .where(Discrepancy.app_id == app_id, Discrepancy.status != Status.RESOLVED)
    )
    return [
        row.id
        for row in session.execute(standing)
        if row.key not in keys
        and (
            row.order_id in orders
            or row.gone_by is not None
            or row.row_id in matched
            or row.key in deposits
            or whole.is_about_statement(row.key)
        )
    ]


def _of_open(session: Session, app_id: str) -> set[str]:
    standing = sa.select(Discrepancy.order_id).where(
        Discrepancy.app_id == app_id, Discrepancy.order_id.is_not(None), Discrepancy.status != Status.RESOLVED
    )
    return {order_id for order_id in session.scalars(standing) if order_id is not None}

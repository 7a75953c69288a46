"""Reconciliation of a period: read, learn of refunds, match, keep and post, open and resolve."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from foundation import leases
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import ConflictError, Fault, InvalidInputError, NotFoundError
from foundation.ids import new_id
from payments.ledger.journal import Ledger
from payments.reconciliation import books, lines, whole
from payments.reconciliation.discrepancies import Discrepancies
from payments.reconciliation.keeping import Keeper
from payments.reconciliation.kinds import Status, Type
from payments.reconciliation.matching import match
from payments.reconciliation.refunds import Refunds
from payments.reconciliation.tables import Discrepancy, ReconciliationRow
from payments.reconciliation.values import Coverage, Deposit, Expected, Finding, Line, Outcome, Tolerance
from payments.statements.kinds import Account
from payments.statements.tables import StatementRow

LOOKING_BACK: Final = timedelta(days=62)
"""How long before the period money may have moved that its statements settle: a payout is of the month before."""
LEASE_SECONDS: Final = 600
AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class World:
    """All that a period is judged by."""

    found: Sequence[Line]
    orders: Sequence[Expected]
    deposits: Sequence[Deposit]
    coverage: dict[Account, Coverage]
    payouts: Sequence[datetime]


class Reconciliations:
    """Reconciles apps, one run of each at a time."""

    def __init__(
        self,
        sessions: Sessions,
        ledger: Ledger,
        discrepancies: Discrepancies,
        refunds: Refunds,
        tolerance: Tolerance,
        clock: Clock = utc_now,
    ) -> None:
        self._sessions = sessions
        self._ledger = ledger
        self._discrepancies = discrepancies
        self._refunds = refunds
        self._tolerance = tolerance
        self._clock = clock

    def get(self, app_id: str, reconciliation_id: str) -> ReconciliationRow:
        """The app's run of this id. NotFoundError."""
        mine = sa.select(ReconciliationRow).where(
            ReconciliationRow.app_id == app_id, ReconciliationRow.id == reconciliation_id
        )
        with self._sessions.read() as session:
            found = session.scalar(mine)
        if found is None:
            raise NotFoundError(f"There is no reconciliation {reconciliation_id}.")
        return found

    def run(self, app_id: str, since: datetime, until: datetime, by: str) -> ReconciliationRow:
        """Reconcile what statements tell of a period, from a moment to another one, excluded.

        ConflictError while another run of the app is under way.
        """
        if since >= until:
            raise InvalidInputError("There is no such period.", [Fault("/to", "before_from", "must be after from")])
        run_id = new_id("rec")
        with self._alone(app_id, run_id):
            with self._sessions.begin() as session:
                session.add(
                    ReconciliationRow(
                        id=run_id,
                        app_id=app_id,
                        period_from=since,
                        period_to=until,
                        counts={},
                        started_at=self._clock(),
                        finished_at=None,
                        started_by=by[:120],
                    )
                )
            counts = self._reconcile(app_id, run_id, since, until)
            with self._sessions.begin() as session:
                run = session.get_one(ReconciliationRow, run_id)
                run.counts, run.finished_at = counts, self._clock()
        return run

    def _reconcile(self, app_id: str, run_id: str, since: datetime, until: datetime) -> dict[str, Any]:
        self._refunds.book_up(app_id)
        learnt = self._refunds.learn(app_id, since - LOOKING_BACK)
        with self._sessions.read() as session:
            world = _read(session, app_id, since, until)
            statements = whole.disagreeing(lines.statements_of(session, app_id), since, until)
        outcome = match(world.found, world.orders, world.deposits, world.coverage, self._tolerance, world.payouts)
        outcome.findings = [each for each in outcome.findings if _is_of(each, since, until)] + statements
        keeper = Keeper(self._sessions, self._ledger, self._clock, app_id, run_id)
        modes = {order.order_id: order.payment_mode for order in world.orders}
        new, undone = keeper.keep(outcome.matches, [line.id for line in world.found], modes)
        opened, resolved = self._tell(app_id, outcome, world)
        return {
            "lines": len(world.found),
            "orders": len(world.orders),
            **outcome.counts(),
            "matches_new": new,
            "matches_undone": undone,
            "refunds_learnt": learnt,
            "discrepancies_opened": opened,
            "discrepancies_resolved": resolved,
        }

    def _tell(self, app_id: str, outcome: Outcome, world: World) -> tuple[int, int]:
        """Open what was found, and resolve what was not any more."""
        opened = 0
        for start in range(0, len(outcome.findings), AT_ONCE):
            with self._sessions.begin() as session:
                some = outcome.findings[start : start + AT_ONCE]
                opened += len(self._discrepancies.open_all(session, app_id, some))
        with self._sessions.begin() as session:
            explained = _explained(session, app_id, outcome, world)
            note = "A later statement, or what was learnt since, explains it."
            resolved = self._discrepancies.resolve_all(session, app_id, explained, note)
        return opened, resolved

    @contextmanager
    def _alone(self, app_id: str, holder: str) -> Iterator[None]:
        name = f"reconciliation:{app_id}"
        with self._sessions.begin() as session:
            if not leases.take(session, name, holder, self._clock(), LEASE_SECONDS):
                raise ConflictError("A reconciliation of this app is under way. Try again later.", retry_after=10)
        try:
            yield
        finally:
            with self._sessions.begin() as session:
                leases.release(session, name, holder)


def _read(session: Session, app_id: str, since: datetime, until: datetime) -> World:
    begin = since - LOOKING_BACK
    found = lines.lines_since(session, app_id, begin)
    names = {name for line in found for name in (line.order_id, line.order_reference) if name}
    open_orders = sa.select(Discrepancy.order_id).where(
        Discrepancy.app_id == app_id, Discrepancy.order_id.is_not(None), Discrepancy.status != Status.RESOLVED
    )
    of_open = {order_id for order_id in session.scalars(open_orders) if order_id is not None}
    booked = books.orders_booked(session, app_id, begin, until)
    orders = books.expected_of(session, app_id, booked | of_open | books.orders_named(session, app_id, names))
    # An order of long ago is judged by all of its lines.
    old = [order for order in orders if order.paid_at is None or order.paid_at < begin]
    old_names = {name for order in old for name in (order.order_id, order.reference_id) if name}
    found += lines.lines_of(session, app_id, old_names, begin)
    deposits = books.recorded_deposits(session, app_id, begin)
    return World(found, orders, deposits, lines.coverage_of(session, app_id), lines.payouts_of(session, app_id))


def _is_of(finding: Finding, since: datetime, until: datetime) -> bool:
    """Whether a finding belongs to the period. What names no order is judged in its own period alone."""
    return finding.order_id is not None or since <= finding.moment < until


def _explained(session: Session, app_id: str, outcome: Outcome, world: World) -> Collection[str]:
    """Discrepancies that were looked for and are not there any more."""
    keys = {finding.key for finding in outcome.findings}
    orders = {order.order_id for order in world.orders}
    matched = {each.line.id for each in outcome.matches}
    open_ones = (
        sa.select(Discrepancy, StatementRow.gone_by)
        .outerjoin(StatementRow, StatementRow.id == Discrepancy.row_id)
        .where(Discrepancy.app_id == app_id, Discrepancy.status != Status.RESOLVED)
    )
    gone = []
    deposits = {f"{Type.BALANCE_MISMATCH}:entry:{deposit.number}" for deposit in world.deposits}
    for row, gone_by in session.execute(open_ones):
        is_looked_for = (
            (row.order_id in orders)
            or gone_by is not None
            or (row.row_id is not None and row.row_id in matched)
            or row.key in deposits
            or whole.is_about_statement(row.key)
        )
        if is_looked_for and row.key not in keys:
            gone.append(row.id)
    return gone

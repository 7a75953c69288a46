"""Reconciliation of a period: read, learn of refunds, match, keep and post, open and resolve."""

import threading
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from foundation import leases
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import ConflictError, Fault, InvalidInputError, NotFoundError, StorefrontError
from foundation.ids import new_id
from foundation.logs import get_logger
from payments.ledger.journal import Ledger
from payments.reconciliation.discrepancies import Discrepancies
from payments.reconciliation.keeping import Keeper
from payments.reconciliation.matching import match
from payments.reconciliation.reading import LOOKING_BACK, World, explained, is_of_period, read_world
from payments.reconciliation.refunds import Refunds
from payments.reconciliation.tables import ReconciliationRow
from payments.reconciliation.values import Outcome, Tolerance

log = get_logger(__name__)

LEASE_SECONDS: Final = 300
"""How long after its last sign of life a run that was killed keeps others out."""
AT_ONCE: Final = 200
END_SECONDS: Final = 30.0
"""How long `close` waits for runs in the background."""
EXPLAINED: Final = "A later statement, or what was learnt since, explains it."


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
        self._background: set[threading.Thread] = set()

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
        run_id = self._start(app_id, since, until, by)
        self._work(app_id, run_id, since, until)
        return self.get(app_id, run_id)

    def begin(self, app_id: str, since: datetime, until: datetime, by: str) -> ReconciliationRow:
        """The same in the background of this process; the run as it begins."""
        run_id = self._start(app_id, since, until, by)

        def work() -> None:
            try:
                self._work(app_id, run_id, since, until)
            except Exception:
                # Its record says that it failed.
                log.exception("a reconciliation broke off", app=app_id, reconciliation=run_id)
            finally:
                self._background.discard(threading.current_thread())

        thread = threading.Thread(target=work, name="reconciliation")
        self._background.add(thread)
        thread.start()
        return self.get(app_id, run_id)

    def close(self) -> None:
        """Wait for what is under way, but not for ever: what is posted is posted once, whenever it goes on."""
        for thread in [*self._background]:
            thread.join(END_SECONDS)

    def _start(self, app_id: str, since: datetime, until: datetime, by: str) -> str:
        if since >= until:
            raise InvalidInputError("There is no such period.", [Fault("/to", "before_from", "must be after from")])
        run_id, now = new_id("rec"), self._clock()
        with self._sessions.begin() as session:
            if not leases.take(session, _lease(app_id), run_id, now, LEASE_SECONDS):
                raise ConflictError("A reconciliation of this app is under way. Try again later.", retry_after=10)
            session.add(
                ReconciliationRow(
                    id=run_id,
                    app_id=app_id,
                    period_from=since,
                    period_to=until,
                    counts={},
                    error=None,
                    started_at=now,
                    finished_at=None,
                    started_by=by[:120],
                )
            )
        return run_id

    def _work(self, app_id: str, run_id: str, since: datetime, until: datetime) -> None:
        counts: dict[str, Any] = {}
        error: str | None = "It broke off; the log says why."
        try:
            counts = self._reconcile(app_id, run_id, since, until)
            error = None
        except StorefrontError as failure:
            error = failure.detail
            raise
        finally:
            with self._sessions.begin() as session:
                run = session.get_one(ReconciliationRow, run_id)
                run.counts, run.error, run.finished_at = counts, error, self._clock()
                leases.release(session, _lease(app_id), run_id)

    def _reconcile(self, app_id: str, run_id: str, since: datetime, until: datetime) -> dict[str, Any]:
        self._refunds.book_up(app_id)
        learnt = self._refunds.learn(app_id, since - LOOKING_BACK)
        with self._sessions.read() as session:
            world = read_world(session, app_id, since, until)
        outcome = match(
            world.lines,
            world.orders,
            world.deposits,
            world.coverage,
            self._tolerance,
            payouts=world.payouts,
            true_ups=world.true_ups,
        )
        outcome.findings = [each for each in outcome.findings if is_of_period(each, since, until)]
        outcome.findings += world.statements

        def beat(session: Session) -> None:
            if not leases.extend(session, _lease(app_id), run_id, self._clock(), LEASE_SECONDS):
                raise ConflictError("Another reconciliation has begun, since this one was silent for too long.")

        keeper = Keeper(self._sessions, self._ledger, self._clock, app_id, run_id, beat)
        modes = {order.order_id: order.payment_mode for order in world.orders}
        new, undone = keeper.keep(outcome.matches, [line.id for line in world.lines], modes)
        opened, resolved = self._tell(app_id, outcome, world)
        return {
            "lines": len(world.lines),
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
            gone = explained(session, app_id, outcome, world)
            return opened, self._discrepancies.resolve_all(session, app_id, gone, EXPLAINED)


def _lease(app_id: str) -> str:
    return f"reconciliation:{app_id}"

"""The book of terms: what each app agreed with Goody, and from when it holds. Written once, never changed."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from foundation.apps import PartnerApp
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import ConflictError, InvalidInputError
from payments.revenue_share.share_states import Missing, ShareState
from payments.revenue_share.tables import OrderShare, RevenueShareTerms
from payments.revenue_share.terms import AgreedTerms, Terms, faults_of, in_force

LONGEST_REASON: Final = 500


class PastTermsError(ConflictError):
    """The terms would change what is past."""

    code = "terms_in_the_past"


class TermsBook:
    """Reads and enters terms."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._clock = clock

    def history(self, app_id: str) -> list[AgreedTerms]:
        """All terms of the app, by the moment from which they hold."""
        with self._sessions.read() as session:
            return agreed_terms(session, app_id)

    def enter(self, app_id: str, terms: Terms, holds_from: datetime | None, by: str, reason: str) -> AgreedTerms:
        """Let terms hold from a moment on; None: from now. InvalidInputError; PastTermsError if others held then.

        Terms may begin in the past where there were none: accepted orders have waited for them.
        """
        faults = faults_of(terms)
        if faults:
            raise InvalidInputError("The terms can't be used.", faults)
        with self._sessions.begin() as session:
            # Two people must not both enter the first ones.
            session.execute(sa.select(PartnerApp.id).where(PartnerApp.id == app_id).with_for_update())
            now = self._clock()
            earlier = agreed_terms(session, app_id)
            begins = holds_from or now
            if begins < now and in_force(earlier, begins) is not None:
                raise PastTermsError(
                    "Other terms held then, and orders were booked by them: new terms can hold from now on. "
                    "Correct what is past with an adjustment."
                )
            row = RevenueShareTerms(
                app_id=app_id, holds_from=begins, terms=terms.write(), entered_at=now, entered_by=by, reason=reason
            )
            session.add(row)
            session.flush()
            _wake(session, app_id, now)
        return _agreed(row)


def agreed_terms(session: Session, app_id: str) -> list[AgreedTerms]:
    """All terms of the app, by the moment from which they hold, then as they were entered."""
    mine = sa.select(RevenueShareTerms).where(RevenueShareTerms.app_id == app_id)
    rows = session.scalars(mine.order_by(RevenueShareTerms.holds_from, RevenueShareTerms.id))
    return [_agreed(row) for row in rows]


def _wake(session: Session, app_id: str, now: datetime) -> None:
    """Let the orders that have waited for terms be tried again."""
    session.execute(
        sa.update(OrderShare)
        .where(
            OrderShare.app_id == app_id,
            OrderShare.state == ShareState.PENDING,
            OrderShare.pending_because == Missing.TERMS,
        )
        .values(next_try_at=now)
    )


def _agreed(row: RevenueShareTerms) -> AgreedTerms:
    return AgreedTerms(row.id, row.holds_from, Terms.read(row.terms), row.entered_at, row.entered_by, row.reason)

"""What does not agree: opened once, settled by people, and resolved by the later statement that explains it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from foundation import events
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import ConflictError, NotFoundError
from foundation.ids import new_id
from payments.ledger.entries import Because, NewEntry, Origin
from payments.ledger.journal import Ledger
from payments.reconciliation.books import SETTLEMENT
from payments.reconciliation.evidence import evidence_of
from payments.reconciliation.kinds import MOVES, UNSETTLED, Part, Status, Type
from payments.reconciliation.receiving import take_back
from payments.reconciliation.settling import settlement
from payments.reconciliation.tables import Discrepancy
from payments.reconciliation.values import Finding
from payments.statements.kinds import Account
from payments.statements.tables import StatementRow

SYSTEM: Final = "system"
OPENED: Final = "discrepancy.opened"


class SettledOtherwiseError(ConflictError):
    """The discrepancy can't move from where it stands to where it was asked to."""

    code = "discrepancy_settled"


@dataclass(frozen=True, slots=True)
class DiscrepancyFilter:
    """Which discrepancies, newest first. `before` is the (opened_at, id) of the last one seen."""

    status: Status | None = None
    type: Type | None = None
    order_id: str | None = None
    before: tuple[datetime, str] | None = None
    limit: int = 24


class Discrepancies:
    """The discrepancies of all apps."""

    def __init__(self, sessions: Sessions, ledger: Ledger, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._ledger = ledger
        self._clock = clock

    def get(self, app_id: str, discrepancy_id: str) -> Discrepancy:
        """The app's discrepancy of this id. NotFoundError."""
        with self._sessions.read() as session:
            return _get(session, app_id, discrepancy_id)

    def find(self, app_id: str, wanted: DiscrepancyFilter) -> list[Discrepancy]:
        """The app's discrepancies that fit, newest first, one more than the limit if there are more."""
        row = Discrepancy
        query = sa.select(row).where(row.app_id == app_id)
        if wanted.status is not None:
            query = query.where(row.status == wanted.status)
        if wanted.type is not None:
            query = query.where(row.type == wanted.type)
        if wanted.order_id is not None:
            query = query.where(row.order_id == wanted.order_id)
        if wanted.before is not None:
            query = query.where(sa.tuple_(row.opened_at, row.id) < sa.tuple_(*map(sa.literal, wanted.before)))
        with self._sessions.read() as session:
            return [*session.scalars(query.order_by(row.opened_at.desc(), row.id.desc()).limit(wanted.limit + 1))]

    def settle(self, app_id: str, discrepancy_id: str, status: Status, note: str, by: str) -> Discrepancy:
        """Move it to another status, with a note; what it leaves in the books is posted. SettledOtherwiseError."""
        with self._sessions.begin() as session:
            found = _get(session, app_id, discrepancy_id, is_locked=True)
            if status not in MOVES[Status(found.status)]:
                raise SettledOtherwiseError(f"The discrepancy is {found.status}: it can't become {status}.")
            self._move(session, found, status, note, by, Origin.PERSON)
        return found

    def open_all(self, session: Session, app_id: str, findings: Sequence[Finding]) -> list[Discrepancy]:
        """Open what is found for the first time, or again with another amount; returns those."""
        known = _by_key(session, app_id, [finding.key for finding in findings])
        opened = []
        for finding in findings:
            found = known.get(finding.key)
            if found is None:
                found = self._new(session, app_id, finding)
                session.add(found)
                opened.append(found)
            elif _is_new(found, finding):
                self._take_back(session, found, "It is found with another amount.")
                self._renew(session, found, finding)
                opened.append(found)
        session.flush()
        for each in opened:
            changes = {"discrepancy": each.type, "amount": each.amount}
            events.append(session, app_id, OPENED, each.id, self._clock(), changes)
        return opened

    def resolve_all(self, session: Session, app_id: str, discrepancy_ids: Collection[str], note: str) -> int:
        """Resolve those of these that stand otherwise; returns how many."""
        mine = sa.select(Discrepancy).where(
            Discrepancy.app_id == app_id, Discrepancy.id.in_(discrepancy_ids), Discrepancy.status != Status.RESOLVED
        )
        rows = session.scalars(mine.with_for_update()).all()
        for found in rows:
            self._take_back(session, found, note)
            self._move(session, found, Status.RESOLVED, note, SYSTEM, Origin.IMPORT)
        return len(rows)

    def _new(self, session: Session, app_id: str, finding: Finding) -> Discrepancy:
        now = self._clock()
        return Discrepancy(
            id=new_id("dis"),
            app_id=app_id,
            key=finding.key,
            type=finding.type,
            status=Status.OPEN,
            amount=finding.amount,
            expected=finding.expected,
            found=finding.found,
            order_id=finding.order_id,
            row_id=None if finding.line is None else finding.line.id,
            explanation=finding.explanation,
            evidence=evidence_of(session, app_id, finding),
            notes=[],
            entries=[],
            settled=0,
            occurred_at=finding.moment,
            opened_at=now,
            updated_at=now,
            resolved_at=None,
        )

    def _renew(self, session: Session, found: Discrepancy, finding: Finding) -> None:
        now = self._clock()
        found.notes = [*found.notes, _note(Status.OPEN, finding.explanation, SYSTEM, now)]
        found.status, found.resolved_at, found.opened_at, found.updated_at = Status.OPEN, None, now, now
        found.amount, found.expected, found.found = finding.amount, finding.expected, finding.found
        found.explanation, found.occurred_at = finding.explanation, finding.moment
        found.row_id = None if finding.line is None else finding.line.id
        found.evidence = evidence_of(session, found.app_id, finding)

    def _move(self, session: Session, found: Discrepancy, status: Status, note: str, by: str, origin: Origin) -> None:
        now = self._clock()
        if status in UNSETTLED:
            self._take_back(session, found, note)
        found.notes = [*found.notes, _note(status, note, by, now)]
        found.status, found.updated_at = status, now
        found.resolved_at = None if status in UNSETTLED else now
        entry = self._entry(session, found, status, Because(origin, by, note or "No reason was given.", found.id))
        if entry is not None:
            found.settled += 1
            found.entries = [*found.entries, self._ledger.post(session, entry).number]

    def _entry(self, session: Session, found: Discrepancy, status: Status, because: Because) -> NewEntry | None:
        row = None if found.row_id is None else session.get(StatementRow, found.row_id)
        account = None if row is None else Account(row.account)
        part = found.key.rpartition(":")[2] if found.order_id is not None else ""
        made = settlement(Type(found.type), status, found.amount, account, Part(part) if part in {*Part} else None)
        if made is None:
            return None
        kind, postings = made
        return NewEntry(
            app_id=found.app_id,
            kind=kind,
            source=f"{SETTLEMENT}{found.id}:{found.settled + 1}",
            occurred_at=found.occurred_at,
            postings=postings,
            because=because,
            order_id=found.order_id,
            details={"discrepancy": found.type},
        )

    def _take_back(self, session: Session, found: Discrepancy, why: str) -> None:
        """Take what an earlier settlement posted out of the books."""
        for number in found.entries:
            take_back(self._ledger, session, found.app_id, number, Because(Origin.IMPORT, SYSTEM, why, found.id))
        found.entries = []


def _get(session: Session, app_id: str, discrepancy_id: str, *, is_locked: bool = False) -> Discrepancy:
    mine = sa.select(Discrepancy).where(Discrepancy.app_id == app_id, Discrepancy.id == discrepancy_id)
    found = session.scalar(mine.with_for_update() if is_locked else mine)
    if found is None:
        raise NotFoundError(f"There is no discrepancy {discrepancy_id}.")
    return found


def _by_key(session: Session, app_id: str, keys: Sequence[str]) -> dict[str, Discrepancy]:
    mine = sa.select(Discrepancy).where(Discrepancy.app_id == app_id, Discrepancy.key.in_(keys))
    return {found.key: found for found in session.scalars(mine.with_for_update())}


def _is_new(found: Discrepancy, finding: Finding) -> bool:
    """Whether it was gone, or is another amount now than the one that somebody settled, or that is open."""
    return found.status == Status.RESOLVED or found.amount != finding.amount


def _note(status: Status, note: str, by: str, now: datetime) -> dict[str, Any]:
    return {"status": status, "note": note, "by": by, "at": now.isoformat()}

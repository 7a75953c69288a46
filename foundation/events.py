"""The event log: what happened to a partner's app, in one gapless sequence per app.

An event is appended in the transaction that made the change, so that neither can exist without the other. The log
keeps ids and what changed; names, messages and links join when an event is read, so that erasure reaches the past.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Session, dialect_of, insert_on, table_of, tell
from foundation.errors import StorefrontError
from foundation.ids import new_id

_APPENDED: Final = "events_appended"


class Event(Base):
    """One line of the log."""

    __tablename__ = "events"

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(sa.String(40), unique=True)
    type: Mapped[str] = mapped_column(sa.String(64))
    subject: Mapped[str] = mapped_column(sa.String(64))
    """The id of what it is about: an order's UUID, an `ob_…`, a generation."""
    changes: Mapped[dict[str, Any]]
    timestamp: Mapped[datetime]


class EventCounter(Base):
    """The last sequence number given out to an app."""

    __tablename__ = "event_counters"

    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), primary_key=True)
    last_sequence: Mapped[int]
    forgotten_sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    """Up to here the log is past its retention and gone."""
    forgotten_until: Mapped[datetime | None]
    """When the newest of those events happened."""


class EventsGoneError(StorefrontError):
    """What was asked for is past its retention. `oldest` is the number to go on after."""

    code = "events_gone"

    def __init__(self, oldest: int) -> None:
        super().__init__(
            f"The log no longer holds that: events up to {oldest} are past their retention. Read on with "
            f"after={oldest}, and read anew what you keep a copy of."
        )
        self.oldest = oldest


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What is to be appended when the transaction commits."""

    app_id: str
    type: str
    subject: str
    changes: dict[str, Any]
    timestamp: datetime


def append(
    session: Session, app_id: str, event_type: str, subject: str, now: datetime, changes: dict[str, Any] | None = None
) -> None:
    """Append to the app's log when this transaction commits; nothing is appended if it rolls back."""
    session.info.setdefault("events", []).append(NewEvent(app_id, event_type, subject, changes or {}, now))


def read_after(session: Session, app_id: str, sequence: int, limit: int) -> list[Event]:
    """The app's next events after this sequence number, oldest first. EventsGoneError if the next one is no more."""
    counter = session.get(EventCounter, app_id)
    if counter is not None and sequence < counter.forgotten_sequence:
        raise EventsGoneError(counter.forgotten_sequence)
    later = sa.select(Event).where(Event.app_id == app_id, Event.sequence > sequence)
    return list(session.scalars(later.order_by(Event.sequence).limit(limit)))


def last_sequence(session: Session, app_id: str) -> int:
    """The number of the app's newest event, 0 if there is none."""
    return session.scalar(sa.select(EventCounter.last_sequence).where(EventCounter.app_id == app_id)) or 0


def first_since(session: Session, app_id: str, moment: datetime) -> int:
    """The number of the app's first event at this moment or later; one past the newest if there is none.

    EventsGoneError if events of that time are past their retention.
    """
    counter = session.get(EventCounter, app_id)
    if counter is None:
        return 1
    if counter.forgotten_until is not None and moment <= counter.forgotten_until:
        raise EventsGoneError(counter.forgotten_sequence)
    later = sa.select(Event.sequence).where(Event.app_id == app_id, Event.timestamp >= moment)
    return session.scalar(later.order_by(Event.sequence).limit(1)) or counter.last_sequence + 1


def forget(session: Session, app_id: str, before: datetime, up_to: int, at_once: int) -> int:
    """Drop the app's oldest events, of those from before this moment and up to this number; returns how many.

    Always a beginning of the log: what is left has no gap, even if a clock went back.
    """
    kept = sa.select(Event.sequence).where(Event.app_id == app_id, Event.timestamp >= before)
    first_kept = session.scalar(kept.order_by(Event.sequence).limit(1))
    forgotten = sa.select(EventCounter.forgotten_sequence).where(EventCounter.app_id == app_id)
    last = min(up_to, (session.scalar(forgotten) or 0) + at_once)
    last = last if first_kept is None else min(last, first_kept - 1)
    old = sa.delete(Event).where(Event.app_id == app_id, Event.sequence <= last)
    gone = session.execute(
        old.returning(Event.sequence, Event.timestamp).execution_options(synchronize_session=False)
    ).all()
    if gone:
        newest = {
            "forgotten_sequence": max(row.sequence for row in gone),
            "forgotten_until": max(row.timestamp for row in gone),
        }
        session.execute(sa.update(EventCounter).where(EventCounter.app_id == app_id).values(**newest))
    return len(gone)


@sa.event.listens_for(Session, "before_commit")
def _number_events(session: Session) -> None:
    """Give out the sequence numbers last, so that the counter's lock is held for a moment only."""
    pending: list[NewEvent] = session.info.pop("events", [])
    if not pending:
        return
    session.flush()
    for app_id in sorted({event.app_id for event in pending}):
        mine = [event for event in pending if event.app_id == app_id]
        first = _reserve(session, app_id, len(mine))
        session.execute(
            _APPEND,
            [
                {
                    "app_id": app_id,
                    "sequence": first + offset,
                    "id": new_id("evt"),
                    "type": event.type,
                    "subject": event.subject,
                    "changes": event.changes,
                    "timestamp": event.timestamp,
                }
                for offset, event in enumerate(mine)
            ],
        )
    session.info[_APPENDED] = True


@sa.event.listens_for(Session, "after_commit")
def _tell_of_events(session: Session) -> None:
    """Wake who follows the log in this process: what it reads now is committed."""
    if session.info.pop(_APPENDED, False):
        tell(session)


@sa.event.listens_for(Session, "after_rollback")
def _forget_events(session: Session) -> None:
    session.info.pop("events", None)
    session.info.pop(_APPENDED, None)


def _reserve(session: Session, app_id: str, count: int) -> int:
    """The first of `count` new sequence numbers of the app."""
    last: int = session.execute(_counting(dialect_of(session)), {"app_id": app_id, "count": count}).scalar_one()
    return last - count + 1


_APPEND: Final = sa.insert(table_of(Event))
_COUNTERS: Final = table_of(EventCounter)


@cache
def _counting(dialect: str) -> sa.Executable:
    count: sa.BindParameter[int] = sa.bindparam("count")
    counter = insert_on(dialect, _COUNTERS).values(app_id=sa.bindparam("app_id"), last_sequence=count)
    last = _COUNTERS.c.last_sequence
    counter = counter.on_conflict_do_update(index_elements=[_COUNTERS.c.app_id], set_={"last_sequence": last + count})
    return counter.returning(last)

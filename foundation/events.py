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

from foundation.database import Base, Session, dialect_of, insert_on, table_of
from foundation.ids import new_id


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
    """The app's next events after this sequence number, oldest first."""
    later = sa.select(Event).where(Event.app_id == app_id, Event.sequence > sequence)
    return list(session.scalars(later.order_by(Event.sequence).limit(limit)))


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


@sa.event.listens_for(Session, "after_rollback")
def _forget_events(session: Session) -> None:
    session.info.pop("events", None)


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

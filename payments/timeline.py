"""An order's timeline: each step with its time and who told of it, written in the transaction that made the change.

Statuses only move forward, so each is recorded once, at the first evidence; what a later status implies is recorded as
implied. Evidence that comes after the order has moved on shows as late, once, and a repeat leaves no trace.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from foundation.database import Session
from foundation.goody.resources import EventTimes
from payments.lifecycle import Status, read_status
from payments.tables import Order, OrderStep

LONGEST_REFERENCE: Final = 255


class SourceKind(StrEnum):
    """How something was learnt."""

    WEBHOOK = "webhook"
    ACTIVITY = "activity"
    REFETCH = "refetch"
    API = "api"
    """Asked of this API, or Goody's answer to that."""
    IMPORT = "import"
    """A statement's line."""
    SUBMISSION = "submission"
    """Goody's answer to the order batch, or the lookup that stands in for it."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who tells, and under which id. An activity also tells which status was reached, and when."""

    kind: SourceKind
    reference: str | None = None
    status: Status | None = None
    happened_at: datetime | None = None
    asked_at: datetime | None = None
    """When Goody was asked, by our clock: what was learnt since then may be newer than its answer."""


HINTS: Final = frozenset({SourceKind.WEBHOOK, SourceKind.ACTIVITY, SourceKind.SUBMISSION})
"""What they bring along of an order may be older than what is known: an answer to a POST can be stored last of all."""
REFETCH: Final = Source(SourceKind.REFETCH)
IMPORT: Final = Source(SourceKind.IMPORT)
API: Final = Source(SourceKind.API)
SUBMISSION: Final = Source(SourceKind.SUBMISSION)


class Step(StrEnum):
    """Steps beside the statuses."""

    PAYMENT_LINK_READY = "payment_link_ready"
    SWAPPED = "swapped"
    REFUNDED = "refunded"
    THANK_YOU_NOTE_ADDED = "thank_you_note_added"
    EXPIRATION_CHANGED = "expiration_changed"
    CANCEL_REQUESTED = "cancel_requested"
    CANCEL_UNKNOWN = "cancel_unknown"
    CANCEL_REFUSED = "cancel_refused"
    CANCEL_ABANDONED = "cancel_abandoned"
    EXPIRATION_REQUESTED = "expiration_requested"
    EXPIRATION_UNKNOWN = "expiration_unknown"
    EXPIRATION_REFUSED = "expiration_refused"
    EXPIRATION_ABANDONED = "expiration_abandoned"


BUSINESS: Final = frozenset(step for step in Step if step.startswith(("cancel_", "expiration_"))) - {
    Step.EXPIRATION_CHANGED
}
"""What is between the partner and Goody: it shows to the backend alone."""


def webhook(svix_id: str) -> Source:
    """A message of Goody's."""
    return Source(SourceKind.WEBHOOK, svix_id)


def activity(activity_id: str, order_status: str, created_at: datetime) -> Source:
    """An order activity: which status was reached, and when."""
    return Source(SourceKind.ACTIVITY, activity_id, read_status(order_status), created_at)


def refetch(asked_at: datetime) -> Source:
    """A read that began then."""
    return Source(SourceKind.REFETCH, asked_at=asked_at)


def answer(asked_at: datetime) -> Source:
    """Goody's answer to what was asked of this API, and passed on to it then."""
    return Source(SourceKind.API, asked_at=asked_at)


def record_moves(
    session: Session,
    order: Order,
    moves: Sequence[Status],
    told: Collection[Status | None],
    source: Source,
    times: Mapping[Status, datetime],
    now: datetime,
) -> None:
    """Record the statuses that the order has just passed; those in `told` were said, the others are implied."""
    for status in moves:
        step = _step(order, status, source, now)
        step.key = status
        step.is_told = status in told
        step.happened_at = times.get(status)
        session.add(step)


def record_late(session: Session, order: Order, status: Status, source: Source, now: datetime) -> None:
    """Record evidence of a status that lies behind the order's; nothing if that status was told before."""
    late = f"{status}:late"
    known = sa.select(OrderStep.id).where(
        OrderStep.order_id == order.id,
        sa.or_(OrderStep.key == late, sa.and_(OrderStep.key == status, OrderStep.is_told)),
    )
    if session.scalar(known.limit(1)) is not None:
        return
    step = _step(order, status, source, now)
    step.key, step.is_late = late, True
    step.happened_at = source.happened_at if source.status is status else None
    session.add(step)


def record(session: Session, order: Order, step: Step, source: Source, now: datetime, **details: Any) -> None:  # noqa: ANN401  any JSON
    """Record a step that moves no status."""
    row = _step(order, step, source, now)
    row.details = details
    session.add(row)


def is_overtaken(session: Session, order: Order, step: Step, source: Source) -> bool:
    """Whether such a step was recorded since Goody was asked for what it tells now."""
    if source.asked_at is None:
        return False
    since = sa.select(OrderStep.id).where(
        OrderStep.order_id == order.id, OrderStep.step == step, OrderStep.recorded_at >= source.asked_at
    )
    return session.scalar(since.limit(1)) is not None


def note_times(session: Session, order_id: str, times: Mapping[Status, datetime]) -> None:
    """Fill in when statuses were reached, where that was not known yet."""
    if not times:
        return
    untimed = sa.select(OrderStep).where(
        OrderStep.order_id == order_id, OrderStep.happened_at.is_(None), OrderStep.key.in_([*times])
    )
    for step in session.scalars(untimed):
        step.happened_at = times[Status(step.step)]


def times_of(event_times: EventTimes | None, source: Source) -> dict[Status, datetime]:
    """When which status was reached, as far as an order's own times and an activity tell."""
    told = {status: getattr(event_times, f"{status}_at", None) for status in Status}
    if source.status is not None:
        told[source.status] = source.happened_at
    return {status: moment for status, moment in told.items() if moment is not None}


def _step(order: Order, step: str, source: Source, now: datetime) -> OrderStep:
    reference = None if source.reference is None else source.reference[:LONGEST_REFERENCE]
    return OrderStep(
        app_id=order.app_id,
        order_id=order.id,
        key=None,
        step=step,
        status=order.status,
        source=source.kind,
        reference=reference,
        is_told=True,
        is_late=False,
        happened_at=None,
        recorded_at=now,
        details={},
    )

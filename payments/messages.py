"""Stored webhook messages: their states, and what moves them between states."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from foundation.database import Session, table_of
from payments.tables import WebhookMessage


class State(StrEnum):
    """What became of a message."""

    RECEIVED = "received"
    """Stored; its turn comes, for the first time or again."""
    WAITING = "waiting"
    """Whose order it is about can't be told yet."""
    APPLIED = "applied"
    IGNORED = "ignored"
    FAILED = "failed"
    """It could not be applied within the age that is set. Kept: it can be replayed."""


UNDECIDED: Final = (State.RECEIVED, State.WAITING)


NEWEST: Final = "SELECT max(id) FROM webhook_messages"
"""Grows with each message that is stored, of any app."""


def is_undecided() -> sa.ColumnElement[bool]:
    """Whether a message's turn may come, as a condition; spelt as its partial index is, or SQLite does not use that."""
    return WebhookMessage.state.in_(sa.bindparam("undecided", UNDECIDED, expanding=True, literal_execute=True))


def settle(session: Session, message_id: int, state: State, reason: str | None, now: datetime) -> None:
    """Close a message that is open still."""
    session.execute(
        sa.update(WebhookMessage)
        .where(WebhookMessage.id == message_id, is_undecided())
        .values(state=state, reason=reason, settled_at=now)
    )


def wake(session: Session, app_id: str, goody_batch_id: str, now: datetime) -> None:
    """Give the messages that wait for this batch their turn: it is ours."""
    session.execute(_WAKE, {"of_app": app_id, "of_batch": goody_batch_id, "now": now})


_MESSAGES: Final = table_of(WebhookMessage)
_WAKE: Final = (
    sa.update(_MESSAGES)
    .where(
        _MESSAGES.c.app_id == sa.bindparam("of_app"),
        _MESSAGES.c.goody_batch_id == sa.bindparam("of_batch"),
        _MESSAGES.c.state == State.WAITING,
    )
    .values(next_try_at=sa.bindparam("now"))
)

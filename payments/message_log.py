"""The stored webhook messages, for operators: listed, shown, replayed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Sessions
from foundation.errors import NotFoundError
from payments.messages import State
from payments.tables import WebhookMessage


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages; what is None or empty does not narrow. `since` is when they came, inclusive."""

    app_id: str | None = None
    ids: Collection[int] = ()
    state: State | None = None
    since: datetime | None = None
    event_type: str | None = None

    @property
    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The same as conditions on a message's row."""
        found = []
        if self.app_id is not None:
            found.append(WebhookMessage.app_id == self.app_id)
        if self.ids:
            found.append(WebhookMessage.id.in_(self.ids))
        if self.state is not None:
            found.append(WebhookMessage.state == self.state)
        if self.since is not None:
            found.append(WebhookMessage.received_at >= self.since)
        if self.event_type is not None:
            found.append(WebhookMessage.event_type == self.event_type)
        return found


class MessageLog:
    """Over all apps, unless the filter names one."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._clock = clock

    def find(self, wanted: MessageFilter, limit: int = 50) -> list[WebhookMessage]:
        """The messages that fit, newest first."""
        query = sa.select(WebhookMessage).where(*wanted.conditions).order_by(WebhookMessage.id.desc()).limit(limit)
        with self._sessions.read() as session:
            return list(session.scalars(query))

    def get(self, message_id: int) -> WebhookMessage:
        """One message. NotFoundError if there is none such."""
        with self._sessions.read() as session:
            message = session.get(WebhookMessage, message_id)
        if message is None:
            raise NotFoundError(f"There is no webhook message {message_id}. `storefront webhook list` shows them.")
        return message

    def replay(self, wanted: MessageFilter) -> int:
        """Give every message that fits its turn again, whatever became of it; returns how many.

        A message whose personal data is gone can't be applied any more, and is left out.

        Applying is idempotent: what a message told already is not told again.
        """
        now = self._clock()
        again = {"state": State.RECEIVED, "reason": None, "tries": 0, "settled_at": None}
        replayed = (
            sa.update(WebhookMessage)
            .where(*wanted.conditions, WebhookMessage.redacted_at.is_(None))
            .values(**again, next_try_at=now, tried_since=now)
        )
        with self._sessions.begin() as session:
            return len(session.execute(replayed.returning(WebhookMessage.id)).all())

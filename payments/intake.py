"""Goody's webhooks at the door: stored as they came, once each. What is in them is the inbox's business."""

from collections.abc import Sequence
from typing import Any

from foundation.clock import Clock, utc_now
from foundation.database import Sessions, insert
from foundation.errors import GoodyUnreadableError, InvalidInputError
from foundation.goody.webhooks import check_envelope
from foundation.grouping import GroupedWrites
from payments.messages import State
from payments.tables import WebhookMessage

LONGEST_TYPE = 64


class Intake:
    """Stores messages; those that come at the same moment are committed together."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._clock = clock
        self._writes = GroupedWrites(self._write)

    def store(self, app_id: str, svix_id: str, body: bytes) -> None:
        """Keep a verified message, unless it is here already. InvalidInputError if it is no message of Goody's."""
        try:
            # The envelope alone: what is in it may become readable, and a refund is told nowhere else.
            event_type = check_envelope(body)
        except GoodyUnreadableError as error:
            raise InvalidInputError(f"The body is not a webhook message: {error.detail}") from error
        now = self._clock()
        self._writes.add(
            {
                "app_id": app_id,
                "svix_id": svix_id,
                "event_type": event_type[:LONGEST_TYPE],
                "body": body,
                "state": State.RECEIVED,
                "tries": 0,
                "next_try_at": now,
                "tried_since": now,
                "received_at": now,
            }
        )

    def _write(self, messages: Sequence[dict[str, Any]]) -> None:
        # In one order everywhere: two processes that get the same messages must not wait for each other.
        messages = sorted(messages, key=lambda message: (message["app_id"], message["svix_id"]))
        with self._sessions.begin() as session:
            session.execute(insert(session, WebhookMessage).on_conflict_do_nothing(), messages)

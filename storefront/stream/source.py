"""What streams are made of: events out of the log, written once as server-sent events. Blocking; for a thread."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from foundation import events
from foundation.database import Sessions, fetch
from foundation.events import Event
from foundation.key_uses import KeyUses
from foundation.keys import KeyHolder, Keys
from storefront.event_feed import EventFeed, Joined
from storefront.stream.tokens import Scope

PAGE: Final = 100
POSITIONS: Final = "SELECT app_id, last_sequence FROM event_counters"


@dataclass(frozen=True, slots=True)
class Told:
    """An event as listeners get it; a shopper's bytes are None where it is nobody's sale."""

    sequence: int
    checkout_id: str | None
    customer_id: str | None
    to_backend: bytes
    to_shopper: bytes | None

    def to(self, scope: Scope) -> bytes | None:
        """What a listener of this scope gets, None if it is not theirs."""
        if scope.is_backend:
            return self.to_backend
        is_theirs = scope.checkout_id in {None, self.checkout_id} and scope.customer_id in {None, self.customer_id}
        return self.to_shopper if is_theirs else None


class Source:
    """Reads the log for streams."""

    def __init__(self, sessions: Sessions, keys: Keys, uses: KeyUses, feed: EventFeed) -> None:
        self._sessions = sessions
        self._keys = keys
        self._uses = uses
        self._feed = feed

    def standing(self, key_ids: Collection[str]) -> dict[str, KeyHolder]:
        """Those of these keys that hold now, with what they are good for: they are in use. One query for all."""
        holders = self._keys.standing(key_ids)
        for key_id in holders:
            self._uses.note(key_id)
        return holders

    def positions(self) -> dict[str, int]:
        """The newest event's number, for each app that has any."""
        with self._sessions.look() as connection:
            return dict(fetch(connection, POSITIONS, ()))

    def sequence_of(self, app_id: str, event_id: str) -> int:
        """The number of the app's event. EventsGoneError if it is past its retention, or was never there."""
        mine = sa.select(Event.sequence).where(Event.app_id == app_id, Event.id == event_id)
        with self._sessions.read() as session:
            # No database has a text with a zero in it.
            found = None if "\x00" in event_id else session.scalar(mine)
            if found is None:
                raise events.EventsGoneError(events.last_sequence(session, app_id))
        return found

    def after(self, app_id: str, sequence: int) -> list[Told]:
        """The app's next events after this number, a page of them. EventsGoneError if the next one is no more."""
        with self._sessions.read() as session:
            log = events.read_after(session, app_id, sequence, PAGE)
        backend, shopper = self._feed.join(log), self._feed.join(log, is_backend=False)
        return [_told(*each) for each in zip(log, backend, shopper, strict=True)]


def _told(event: Event, backend: Joined, shopper: Joined) -> Told:
    # A shopper is not told how much the partner sells: not where in the log its own events stand.
    envelope = {name: value for name, value in shopper.envelope.items() if name != "sequence"}
    is_sale = shopper.checkout_id is not None
    return Told(
        event.sequence,
        shopper.checkout_id,
        shopper.customer_id,
        _written(event, backend.envelope),
        _written(event, envelope) if is_sale else None,
    )


def _written(event: Event, envelope: dict[str, Any]) -> bytes:
    data = json.dumps(envelope, default=_moment, separators=(",", ":"), ensure_ascii=False)
    return f"id: {event.id}\nevent: {event.type}\ndata: {data}\n\n".encode()


def _moment(value: Any) -> str:  # noqa: ANN401  what JSON does not know: a moment
    text: str = value.isoformat()
    return text


def for_scope(page: Sequence[Told], scope: Scope) -> list[bytes]:
    """What of a page is for a listener of this scope."""
    return [written for told in page if (written := told.to(scope)) is not None]

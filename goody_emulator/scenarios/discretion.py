"""Keeps webhooks quiet about what is written as history."""

from collections.abc import Mapping
from typing import Any

from goody_emulator.state.clock import Clock
from goody_emulator.webhooks.events import Events


class DiscreetEvents(Events):
    """Queues events as the ones it stands before do, but not those of a history that nobody is to be told of."""

    def __init__(self, events: Events, clock: Clock) -> None:
        self._heard = events
        self._clock = clock

    def record(self, app_id: str, event_type: str, data: Mapping[str, Any]) -> None:
        """Queue one event; call inside the transaction of what it tells of."""
        if not self._clock.is_silent:
            self._heard.record(app_id, event_type, data)

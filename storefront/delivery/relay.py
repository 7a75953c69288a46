"""The job that delivers: makes deliveries from the log, and sends what is due, to all endpoints at once.

Each endpoint has lanes of its own, one while it fails or is slow. So it holds up nobody else.
"""

import threading
from functools import partial
from typing import Final

from foundation.clock import Clock, utc_now
from foundation.database import Sessions
from foundation.jobs import Bell
from foundation.lanes import Lanes
from storefront.delivery.claiming import Claim, Claims
from storefront.delivery.fan_out import SHARE, FanOut
from storefront.delivery.messages import Messages
from storefront.delivery.recording import Records
from storefront.delivery.sending import GONE_FROM_LOG, Outcome, Sender

LANES: Final = 4
"""Messages on their way to one endpoint at once."""
WIDTH: Final = 256
"""Messages on their way in one process at once; threads that wait for answers, started as they are needed."""
SLOW_MS: Final = 2000


class Relay:
    """Delivers. Its bell is rung by every commit of this process that appends events."""

    def __init__(
        self,
        sessions: Sessions,
        claims: Claims,
        messages: Messages,
        sender: Sender,
        clock: Clock = utc_now,
    ) -> None:
        self.bell = Bell()
        self._fan_out = FanOut(sessions, clock)
        self._claims = claims
        self._messages = messages
        self._sender = sender
        self._records = Records(sessions, clock)
        self._clock = clock
        self._lanes = Lanes("partner deliveries", WIDTH)
        self._slow: set[str] = set()
        self._lock = threading.Lock()
        sessions.listeners.append(self.bell.ring)

    def deliver_due(self, patience: float | None = None) -> int:
        """Make what deliveries are missing and send what is due; returns how many were made and sent.

        Waits for those that it sent, or for `patience` seconds: the rest goes on by itself.
        """
        made = self._fan_out.run()
        if made >= SHARE:
            self.bell.ring()
        work = {
            f"{endpoint_id}/{lane}": partial(self._deliver_to, endpoint_id)
            for endpoint_id, count in self._claims.due_endpoints(LANES)
            for lane in range(1 if endpoint_id in self._slow else count)
        }
        return made + self._lanes.run(work, patience)

    def deliver(self, claim: Claim) -> Outcome:
        """Send one delivery that was claimed, and write down what came of it."""
        began = self._clock()
        message = self._messages.make(claim)
        outcome = GONE_FROM_LOG if message is None else self._sender.send(message)
        with self._lock:
            (self._slow.add if outcome.duration_ms > SLOW_MS else self._slow.discard)(claim.endpoint_id)
        self._records.record(claim, message, outcome, began)
        return outcome

    def close(self) -> None:
        """Wait for what is under way."""
        self._lanes.close()
        self._sender.close()

    def _deliver_to(self, endpoint_id: str) -> int:
        sent = 0
        while not self._lanes.is_closing and (claim := self._claims.next(endpoint_id)) is not None:
            outcome = self.deliver(claim)
            sent += 1
            if not outcome.is_delivered:
                break
        # What was made while this lane was ending gets its turn now.
        self.bell.ring()
        return sent

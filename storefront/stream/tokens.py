"""Stream tokens: a minute to open a stream of one checkout's or customer's events, for pages that send no headers."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final

from foundation import events
from foundation.clock import Clock, utc_now
from foundation.database import Sessions
from foundation.encryption import Vault
from foundation.errors import SettingsError, UnauthenticatedError

LIFETIME: Final = timedelta(seconds=60)
PURPOSE: Final = "event stream"


class StreamTokenError(UnauthenticatedError):
    """The token is not one of ours, or a minute has passed."""

    code = "bad_stream_token"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose events: an app's, or of those only a checkout's or a customer's."""

    app_id: str
    checkout_id: str | None = None
    customer_id: str | None = None

    @property
    def is_backend(self) -> bool:
        """Whether it is the partner's backend, which sees everything."""
        return self.checkout_id is None and self.customer_id is None


@dataclass(frozen=True, slots=True)
class Opened:
    """What a token opens: whose events, after which of them, and what it was made with."""

    scope: Scope
    after: int
    key_id: str
    until: datetime | None
    """When the customer's token that it was made with is over."""


class StreamTokens:
    """Makes tokens and reads them. They are encrypted, not stored: any process that has the keys reads them."""

    def __init__(self, sessions: Sessions, vault: Vault, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._vault = vault
        self._clock = clock

    def issue(self, scope: Scope, key_id: str, until: datetime | None = None) -> tuple[str, datetime]:
        """A token, and until when a stream can be opened with it. The stream begins with what happens from now on.

        It is worth what it was made with: this key, and a customer's token that is over at `until`.
        """
        with self._sessions.read() as session:
            after = events.last_sequence(session, scope.app_id)
        good_until = self._clock() + LIFETIME
        said = {
            "purpose": PURPOSE,
            "until": good_until.isoformat(),
            "after": after,
            "scope": asdict(scope),
            "key": key_id,
            "bound": None if until is None else until.isoformat(),
        }
        return self._vault.encrypt(json.dumps(said)), good_until

    def read(self, token: str) -> Opened:
        """What it opens. StreamTokenError."""
        try:
            said = json.loads(self._vault.decrypt(token))
        except (SettingsError, ValueError) as error:
            raise StreamTokenError("This is no stream token.") from error
        if said.get("purpose") != PURPOSE or "key" not in said:
            # The latter: of a process that had not been brought up to date yet.
            raise StreamTokenError("This is no stream token.")
        if datetime.fromisoformat(said["until"]) <= self._clock():
            raise StreamTokenError("The stream token is older than a minute. POST /v1/stream_tokens makes a new one.")
        bound = said["bound"]
        until = None if bound is None else datetime.fromisoformat(bound)
        return Opened(Scope(**said["scope"]), int(said["after"]), said["key"], until)

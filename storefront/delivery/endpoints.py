"""Webhook endpoints of partners: made, changed, replayed to, deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from foundation import events
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import ConflictError, Fault, InvalidInputError, NotFoundError
from foundation.ids import new_id
from storefront.checkout.errors import PreconditionFailedError
from storefront.delivery.endpoint_secrets import EndpointSecrets
from storefront.delivery.endpoint_urls import url_faults
from storefront.delivery.event_types import EVERYTHING, filter_faults
from storefront.delivery.states import DisabledReason
from storefront.delivery.tables import WebhookEndpoint

MOST: Final = 50
"""Endpoints of one app: each event goes to all that want it."""


class TooManyEndpointsError(ConflictError):
    """The app has as many endpoints as it may have."""

    code = "too_many_endpoints"


@dataclass(frozen=True, slots=True)
class Wish:
    """How an endpoint is to be; None leaves a thing as it is."""

    url: str | None = None
    description: str | None = None
    event_types: Sequence[str] | None = None
    is_enabled: bool | None = None


class Endpoints:
    """The endpoints of all apps; every question takes whose they are."""

    def __init__(
        self, sessions: Sessions, secrets: EndpointSecrets, *, is_local_allowed: bool, clock: Clock = utc_now
    ) -> None:
        self._sessions = sessions
        self._secrets = secrets
        self._is_local_allowed = is_local_allowed
        self._clock = clock

    def create(self, app_id: str, wish: Wish) -> tuple[WebhookEndpoint, str]:
        """A new endpoint, which gets what happens from now on, and its secret, shown this once."""
        self._check(wish)
        now = self._clock()
        with self._sessions.begin() as session:
            mine = sa.select(sa.func.count()).select_from(WebhookEndpoint).where(*_of(app_id))
            if (session.scalar(mine) or 0) >= MOST:
                raise TooManyEndpointsError(f"An app has {MOST} webhook endpoints at most. Delete one first.")
            endpoint = WebhookEndpoint(
                id=new_id("whe"),
                app_id=app_id,
                url=wish.url or "",
                description=wish.description,
                event_types=list(wish.event_types or [EVERYTHING]),
                cursor=events.last_sequence(session, app_id),
                version=1,
                created_at=now,
                updated_at=now,
            )
            session.add(endpoint)
            session.flush()
            return endpoint, self._secrets.add(session, endpoint.id, now)

    def all(self, app_id: str) -> list[WebhookEndpoint]:
        """The app's endpoints, oldest first."""
        mine = sa.select(WebhookEndpoint).where(*_of(app_id))
        with self._sessions.read() as session:
            return list(session.scalars(mine.order_by(WebhookEndpoint.created_at, WebhookEndpoint.id)))

    def get(self, app_id: str, endpoint_id: str) -> WebhookEndpoint:
        """The endpoint of this id, `whe_…`. NotFoundError if the app has none such."""
        with self._sessions.read() as session:
            return find(session, app_id, endpoint_id)

    def change(self, app_id: str, endpoint_id: str, wish: Wish, expected: int | None = None) -> WebhookEndpoint:
        """Change it. Enabled again, it goes on where it stopped: what happened meanwhile is delivered then."""
        self._check(wish)
        now = self._clock()
        with self._sessions.begin() as session:
            endpoint = find(session, app_id, endpoint_id, is_locked=True)
            if expected is not None and endpoint.version != expected:
                raise PreconditionFailedError("It has changed since. Read it again, then repeat the change.")
            if wish.url is not None:
                endpoint.url = wish.url
            if wish.description is not None:
                endpoint.description = wish.description or None
            if wish.event_types is not None:
                endpoint.event_types = list(wish.event_types)
            if wish.is_enabled is True and endpoint.disabled_at is not None:
                endpoint.disabled_reason = endpoint.disabled_at = endpoint.failing_since = None
            if wish.is_enabled is False and endpoint.disabled_at is None:
                endpoint.disabled_reason, endpoint.disabled_at = DisabledReason.BY_PARTNER, now
            if session.is_modified(endpoint):
                endpoint.version += 1
                endpoint.updated_at = now
        return endpoint

    def delete(self, app_id: str, endpoint_id: str) -> None:
        """Send it nothing more, and forget its address and its secrets. What it got stays until its time is over."""
        with self._sessions.begin() as session:
            endpoint = find(session, app_id, endpoint_id, is_locked=True)
            endpoint.deleted_at = self._clock()
            endpoint.url, endpoint.description = "", None
            self._secrets.forget(session, endpoint.id)

    def rotate(self, app_id: str, endpoint_id: str, overlap_seconds: int) -> tuple[WebhookEndpoint, str]:
        """A new secret, shown this once. Messages are signed with the older ones too for so many seconds more."""
        now = self._clock()
        with self._sessions.begin() as session:
            endpoint = find(session, app_id, endpoint_id, is_locked=True)
            self._secrets.retire(session, endpoint.id, now, overlap_seconds)
            return endpoint, self._secrets.add(session, endpoint.id, now)

    def replay(self, app_id: str, endpoint_id: str, since: datetime) -> tuple[int, int]:
        """Deliver once more all events since then that fit its filter; returns their first and last number.

        EventsGoneError if the log does not reach back so far; ConflictError while the endpoint is disabled.
        """
        with self._sessions.begin() as session:
            endpoint = find(session, app_id, endpoint_id, is_locked=True)
            must_be_enabled(endpoint)
            first, last = events.first_since(session, app_id, since), endpoint.cursor
            if first <= last:
                # A replay that is under way is not cut short.
                is_running = endpoint.replay_after is not None
                endpoint.replay_after = min(first - 1, endpoint.replay_after or 0) if is_running else first - 1
                endpoint.replay_until = last
        return first, last

    def _check(self, wish: Wish) -> None:
        faults = []
        if wish.url is not None:
            faults += url_faults(wish.url, is_local_allowed=self._is_local_allowed)
        if wish.event_types is not None:
            faults += filter_faults(wish.event_types)
            if not wish.event_types:
                faults.append(Fault("/event_types", "required", 'name at least one, or "*" for all'))
        if faults:
            raise InvalidInputError("The endpoint can't be like this.", faults)


class EndpointDisabledError(ConflictError):
    """It gets nothing just now."""

    code = "endpoint_disabled"


def must_be_enabled(endpoint: WebhookEndpoint) -> None:
    """EndpointDisabledError if it is not."""
    if endpoint.disabled_at is not None:
        raise EndpointDisabledError('The endpoint is disabled. Enable it first: PATCH it with {"status": "enabled"}.')


def find(session: Session, app_id: str, endpoint_id: str, *, is_locked: bool = False) -> WebhookEndpoint:
    """The app's endpoint of this id, in a transaction. NotFoundError if there is none."""
    query = sa.select(WebhookEndpoint).where(*_of(app_id), WebhookEndpoint.id == endpoint_id)
    endpoint = session.scalar(query.with_for_update() if is_locked else query)
    if endpoint is None:
        raise NotFoundError(f"There is no webhook endpoint {endpoint_id}.")
    return endpoint


def is_live() -> tuple[sa.ColumnElement[bool], ...]:
    """Whether an endpoint gets anything, as conditions."""
    return WebhookEndpoint.disabled_at.is_(None), WebhookEndpoint.deleted_at.is_(None)


def _of(app_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return WebhookEndpoint.app_id == app_id, WebhookEndpoint.deleted_at.is_(None)

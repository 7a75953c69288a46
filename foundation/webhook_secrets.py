"""Rotation of the signing secrets of an app's webhook endpoint: a new one is added, and the old one retired later."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from foundation.apps import Apps, WebhookSecret
from foundation.clock import Clock, utc_now
from foundation.database import Sessions
from foundation.encryption import Vault, fingerprint
from foundation.errors import ConflictError, NotFoundError

SHOWN = 12


@dataclass(frozen=True, slots=True)
class KeptSecret:
    """A secret as an operator sees it: the beginning of its SHA-256 tells it from the others."""

    id: int
    fingerprint: str
    created_at: datetime
    retired_at: datetime | None


class WebhookSecrets:
    """The secrets of all apps."""

    def __init__(self, sessions: Sessions, vault: Vault, apps: Apps, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._vault = vault
        self._apps = apps
        self._clock = clock

    def all(self, slug: str) -> list[KeptSecret]:
        """The app's secrets, oldest first, retired ones too. NotFoundError for an unknown slug."""
        mine = sa.select(WebhookSecret).where(WebhookSecret.app_id == self._apps.by_slug(slug).id)
        with self._sessions.read() as session:
            rows = session.scalars(mine.order_by(WebhookSecret.id)).all()
        return [
            KeptSecret(row.id, fingerprint(self._vault.decrypt(row.secret))[:SHOWN], row.created_at, row.retired_at)
            for row in rows
        ]

    def retire(self, slug: str, secret_id: int, *, is_last_allowed: bool = False) -> None:
        """Refuse messages signed with it. NotFoundError; ConflictError if it is the last active one."""
        app_id = self._apps.by_slug(slug).id
        mine = sa.select(WebhookSecret).where(WebhookSecret.app_id == app_id).with_for_update()
        with self._sessions.begin() as session:
            secrets = {row.id: row for row in session.scalars(mine)}
            retired = secrets.get(secret_id)
            if retired is None:
                raise NotFoundError(f"{slug} has no webhook secret {secret_id}: see `app webhook-secret list {slug}`.")
            others = [row for row in secrets.values() if row.retired_at is None and row is not retired]
            if not others and not is_last_allowed:
                raise ConflictError(
                    f"Secret {secret_id} is the last active one of {slug}: without it all of Goody's webhooks are "
                    "refused. Add its successor first, or give --force."
                )
            retired.retired_at = retired.retired_at or self._clock()

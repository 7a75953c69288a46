"""The signing secrets of webhook endpoints: one, and during a rotation the older ones beside it."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from foundation.database import Session
from foundation.encryption import Vault
from foundation.signatures import new_secret
from storefront.delivery.tables import EndpointSecret


class EndpointSecrets:
    """Keeps them encrypted. All of it happens in the caller's transaction."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def add(self, session: Session, endpoint_id: str, now: datetime) -> str:
        """A new secret, which nobody can read again."""
        secret = new_secret()
        session.add(
            EndpointSecret(endpoint_id=endpoint_id, secret=self._vault.encrypt(secret), created_at=now, retires_at=None)
        )
        return secret

    def retire(self, session: Session, endpoint_id: str, now: datetime, seconds: int) -> None:
        """Sign with those that there are for so many seconds more, or for less if that was said before."""
        until = now + timedelta(seconds=seconds)
        lasting = sa.or_(EndpointSecret.retires_at.is_(None), EndpointSecret.retires_at > until)
        session.execute(
            sa.update(EndpointSecret).where(EndpointSecret.endpoint_id == endpoint_id, lasting).values(retires_at=until)
        )

    def active(self, session: Session, endpoint_id: str, now: datetime) -> list[str]:
        """What to sign with at this moment, newest first."""
        good = sa.or_(EndpointSecret.retires_at.is_(None), EndpointSecret.retires_at > now)
        mine = sa.select(EndpointSecret.secret).where(EndpointSecret.endpoint_id == endpoint_id, good)
        return [self._vault.decrypt(secret) for secret in session.scalars(mine.order_by(EndpointSecret.id.desc()))]

    def forget(self, session: Session, endpoint_id: str) -> None:
        """Delete all of them."""
        session.execute(sa.delete(EndpointSecret).where(EndpointSecret.endpoint_id == endpoint_id))

    def forget_retired(self, session: Session, now: datetime) -> None:
        """Delete, of all endpoints, those that sign no more."""
        session.execute(sa.delete(EndpointSecret).where(EndpointSecret.retires_at <= now))

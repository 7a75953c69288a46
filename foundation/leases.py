"""Leases: who may do a thing just now. A killed holder loses its lease by the passing of time."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Session, insert


class Lease(Base):
    """One row per thing that only one process may do at a time."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(64))
    held_until: Mapped[datetime]


def take(session: Session, name: str, holder: str, now: datetime, seconds: float) -> bool:
    """Take the lease, or extend one's own, for so many seconds. False while somebody else holds it."""
    until = now + timedelta(seconds=seconds)
    free = sa.or_(Lease.held_until < now, Lease.holder == holder)
    taken = session.execute(
        sa.update(Lease).where(Lease.name == name, free).values(holder=holder, held_until=until).returning(Lease.name)
    ).scalar()
    if taken is not None:
        return True
    fresh = insert(session, Lease).values(name=name, holder=holder, held_until=until).on_conflict_do_nothing()
    return session.execute(fresh.returning(Lease.name)).scalar() is not None


def release(session: Session, name: str, holder: str) -> None:
    """Give one's own lease back; somebody else's is left alone."""
    session.execute(sa.delete(Lease).where(Lease.name == name, Lease.holder == holder))

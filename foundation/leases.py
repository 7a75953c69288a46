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
    """Take the lease, or one's own again, for so many seconds. False while somebody else holds it."""
    until = now + timedelta(seconds=seconds)
    free = sa.or_(Lease.held_until < now, Lease.holder == holder)
    taken = session.execute(
        sa.update(Lease).where(Lease.name == name, free).values(holder=holder, held_until=until).returning(Lease.name)
    ).scalar()
    if taken is not None:
        return True
    fresh = insert(session, Lease).values(name=name, holder=holder, held_until=until).on_conflict_do_nothing()
    return session.execute(fresh.returning(Lease.name)).scalar() is not None


def extend(session: Session, name: str, holder: str, now: datetime, seconds: float) -> bool:
    """Hold one's own lease for so many seconds from now. False once another has taken it, even if it is free again.

    Not `take`: when whoever took over has finished, the lease is free, and what we hold is older than its work.
    """
    mine = sa.update(Lease).where(Lease.name == name, Lease.holder == holder)
    until = now + timedelta(seconds=seconds)
    return session.scalar(mine.values(held_until=until).returning(Lease.name)) is not None


def holder_of(session: Session, name: str) -> str | None:
    """Who holds the lease, or held it last."""
    return session.scalar(sa.select(Lease.holder).where(Lease.name == name))


def release(session: Session, name: str, holder: str) -> None:
    """Give one's own lease back; somebody else's is left alone."""
    session.execute(sa.delete(Lease).where(Lease.name == name, Lease.holder == holder))

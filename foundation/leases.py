"""Leases: who may do a thing just now. A killed holder loses its lease by the passing of time."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, Session, insert, table_of


class Lease(Base):
    """One row per thing that only one process may do at a time."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(64))
    held_until: Mapped[datetime]


_LEASES: Final = table_of(Lease)
# Built once: a long task looks after its lease in every one of its short transactions.
_MINE: Final = _LEASES.c.name == sa.bindparam("its_name"), _LEASES.c.holder == sa.bindparam("its_holder")
_EXTEND: Final = (
    sa.update(_LEASES).where(*_MINE).values(held_until=sa.bindparam("held_until")).returning(_LEASES.c.name)
)
_HOLD: Final = sa.select(_LEASES.c.name).where(*_MINE).with_for_update(read=True)
"""SQLite needs no lock: whoever writes is alone."""


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
    values = {"its_name": name, "its_holder": holder, "held_until": now + timedelta(seconds=seconds)}
    return session.connection().execute(_EXTEND, values).scalar() is not None


def hold(session: Session, name: str, holder: str) -> bool:
    """Keep one's own lease from being taken until the transaction ends, as others of the same holder may beside it.

    Its time is as before: `extend` now and then. False once another has taken it, even if it is free again.
    """
    return session.connection().execute(_HOLD, {"its_name": name, "its_holder": holder}).scalar() is not None


def holder_of(session: Session, name: str) -> str | None:
    """Who holds the lease, or held it last."""
    return session.scalar(sa.select(Lease.holder).where(Lease.name == name))


def release(session: Session, name: str, holder: str) -> None:
    """Give one's own lease back; somebody else's is left alone."""
    session.execute(sa.delete(Lease).where(Lease.name == name, Lease.holder == holder))

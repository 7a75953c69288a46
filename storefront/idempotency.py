"""Idempotency keys: the first result of a request, kept for its repetitions (the REST contract's `Idempotency-Key`).

What makes an order unique is the checkout, not the key: a key lost with a crash costs a replay, never a second gift. So
nobody waits for the disk here.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import Clock, utc_now
from foundation.database import Base, Session, Sessions, dialect_of, insert_on, table_of
from foundation.encryption import ENCRYPTED, Vault
from foundation.errors import ConflictError, InvalidInputError

LEASE: Final = timedelta(seconds=30)
KEPT: Final = timedelta(hours=24)


class IdempotencyKey(Base):
    """One request under its scope: in flight while it has no status."""

    __tablename__ = "idempotency_keys"

    scope: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    request_hash: Mapped[str] = mapped_column(sa.String(64))
    lease_until: Mapped[datetime]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]]
    body: Mapped[str | None] = mapped_column(sa.Text, info=dict(ENCRYPTED))
    """Encrypted: it may hold a client secret and names."""
    created_at: Mapped[datetime] = mapped_column(index=True)


class KeyReusedError(InvalidInputError):
    """The key was used for another request."""

    code = "idempotency_key_reused"


class StillInFlightError(ConflictError):
    """The first request with this key has not ended yet."""

    code = "idempotency_key_in_flight"


@dataclass(frozen=True, slots=True)
class Stored:
    """A result, to be given again."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """A claim on a scope, told from a later one by its lease: whoever took it over is not disturbed."""

    scope: str
    lease_until: datetime


class IdempotencyKeys:
    """Claims keys, keeps results, gives them back."""

    def __init__(self, sessions: Sessions, vault: Vault, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._vault = vault
        self._clock = clock

    def claim(self, scope: str, request: bytes) -> Stored | Held:
        """Claim the scope for a request; what is stored if it was done before.

        KeyReusedError for another request under this key; StillInFlightError while the first is under way.
        """
        now = self._clock()
        wanted = _digest(request)
        held = Held(scope, now + LEASE)
        fresh = {
            "scope": scope,
            "request_hash": wanted,
            "lease_until": held.lease_until,
            "headers": {},
            "created_at": now,
        }
        with self._sessions.begin_derived() as session:
            if session.execute(_claiming(dialect_of(session)), fresh).scalar() is not None:
                return held
            row = session.get(IdempotencyKey, scope, with_for_update=True)
            if row is None:
                # Whoever held it has let go of it in this very moment.
                raise StillInFlightError("The first request with this key has just ended.", retry_after=1)
            if row.created_at + KEPT <= now:
                _forget(session, scope)
                session.execute(_claiming(dialect_of(session)), fresh)
                return held
            if row.request_hash != wanted:
                raise KeyReusedError("This Idempotency-Key was used for another request. Use a new one for this.")
            if row.status is None:
                if row.lease_until > now:
                    wait = (row.lease_until - now).total_seconds()
                    raise StillInFlightError("The first request with this key is under way.", retry_after=wait)
                row.lease_until = held.lease_until
                return held
            return Stored(row.status, dict(row.headers), self._vault.decrypt(row.body or "").encode())

    def store(self, held: Held, result: Stored) -> None:
        """Keep this result for the scope's repetitions, unless another request has taken the claim over."""
        body = self._vault.encrypt(result.body.decode())
        values = {"status": result.status, "headers": result.headers, "body": body}
        with self._sessions.begin_derived() as session:
            session.execute(_STORE, {"held": held.scope, "held_until": held.lease_until, **values})

    def release(self, held: Held) -> None:
        """Forget a claim whose request had no result worth keeping: it can be made again."""
        with self._sessions.begin_derived() as session:
            session.execute(_RELEASE, {"held": held.scope, "held_until": held.lease_until})

    def about(self, named: Collection[str]) -> list[str]:
        """Answers that name one of these ids."""
        return list(self._naming(named).values())

    def forget_about(self, named: Collection[str]) -> int:
        """Delete answers that name one of these ids; returns how many."""
        scopes = self._naming(named)
        with self._sessions.begin() as session:
            for scope in scopes:
                session.execute(sa.delete(IdempotencyKey).where(IdempotencyKey.scope == scope))
        return len(scopes)

    def _naming(self, named: Collection[str]) -> dict[str, str]:
        """By scope. That is a hash, so that the answers themselves have to be looked at: a day's worth."""
        answered = sa.select(IdempotencyKey.scope, IdempotencyKey.body).where(IdempotencyKey.body.is_not(None))
        with self._sessions.read() as session:
            rows = session.execute(answered).all()
        texts = {scope: self._vault.decrypt(body or "") for scope, body in rows}
        return {scope: text for scope, text in texts.items() if any(name in text for name in named)}

    def purge(self) -> int:
        """Delete what is older than 24 hours; returns how many."""
        with self._sessions.begin() as session:
            old = sa.delete(IdempotencyKey).where(IdempotencyKey.created_at < self._clock() - KEPT)
            return len(session.execute(old.returning(IdempotencyKey.scope)).all())


def scope_of(identity: str, method: str, path: str, key: str) -> str:
    """The scope of a key: who calls, method and full path."""
    return _digest(f"{identity}\n{method}\n{path}\n{key}".encode())


@cache
def _claiming(dialect: str) -> sa.Executable:
    return insert_on(dialect, _KEYS).on_conflict_do_nothing().returning(_KEYS.c.scope)


_KEYS: Final = table_of(IdempotencyKey)
_STILL_HELD: Final = (
    _KEYS.c.scope == sa.bindparam("held"),
    _KEYS.c.lease_until == sa.bindparam("held_until"),
    _KEYS.c.status.is_(None),
)
_STORE: Final = sa.update(_KEYS).where(*_STILL_HELD)
_RELEASE: Final = sa.delete(_KEYS).where(*_STILL_HELD)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _forget(session: Session, scope: str) -> None:
    session.execute(sa.delete(IdempotencyKey).where(IdempotencyKey.scope == scope))
    session.expire_all()

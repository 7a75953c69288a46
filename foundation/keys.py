"""Keys that partners call with: made, rotated, restricted, revoked. Only their fingerprints are stored."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import Clock, utc_now
from foundation.database import Base, Session, Sessions
from foundation.encryption import fingerprint
from foundation.errors import ConflictError, Fault, InvalidInputError, NotFoundError
from foundation.ids import new_id, new_token
from foundation.scopes import read_scopes

_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?")


class KeyKind(StrEnum):
    """`pk` ships inside an app and is public; `sk` stays on the partner's servers."""

    PUBLISHABLE = "pk"
    SECRET = "sk"  # noqa: S105  the word, not a password


class ApiKey(Base):
    """A key of an app: only its fingerprint is stored, and a few characters to tell keys apart in a list."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    app_id: Mapped[str] = mapped_column(sa.ForeignKey("partner_apps.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(2))
    fingerprint: Mapped[str] = mapped_column(sa.String(64), unique=True)
    hint: Mapped[str] = mapped_column(sa.String(12))
    scopes: Mapped[list[Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    """What a secret key may do; None: everything."""
    origins: Mapped[list[Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    """From which web pages a publishable key may be used; None: from all."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    """To the minute, see KeyUses."""
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Whose key it is, and what it is good for."""

    app_id: str
    key_id: str
    kind: KeyKind
    scopes: frozenset[str] | None = None
    origins: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Restrictions:
    """What a key is not good for. None: no such restriction."""

    scopes: Sequence[str] | None = None
    origins: Sequence[str] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rotated:
    """A key's successor, shown this once, and until when the old one holds."""

    key: str
    key_id: str
    old_expires_at: datetime


_STANDING: Final = sa.select(
    ApiKey.app_id, ApiKey.id, ApiKey.kind, ApiKey.scopes, ApiKey.origins, ApiKey.expires_at, ApiKey.revoked_at
)
_HOLDER: Final = _STANDING.where(ApiKey.fingerprint == sa.bindparam("fingerprint"))
_HOLDERS: Final = _STANDING.where(ApiKey.id.in_(sa.bindparam("key_ids", expanding=True)))
AT_ONCE: Final = 10_000
"""Keys that one query asks about: databases bound the parameters of a statement."""


class Keys:
    """The keys of all apps."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._clock = clock

    def create(self, app_id: str, kind: KeyKind, restrictions: Restrictions | None = None) -> str:
        """A new key of the app; this is the only time it is shown. InvalidInputError."""
        with self._sessions.begin() as session:
            return add_key(session, app_id, kind, self._clock(), restrictions)

    def rotate(self, key_id: str, overlap: timedelta) -> Rotated:
        """A key with the same restrictions in its place; the old one holds for so long still. ConflictError.

        The successor does not inherit the old one's expiry: that was a promise about the old secret.
        """
        now = self._clock()
        with self._sessions.begin() as session:
            old = _find(session, key_id)
            if not _is_good(old, now):
                raise ConflictError(f"{key_id} holds no longer, so nothing can take its place: `storefront key create`")
            new = add_key(session, old.app_id, KeyKind(old.kind), now, Restrictions(old.scopes, old.origins))
            old.expires_at = min(now + overlap, old.expires_at or now + overlap)
            made = session.scalars(sa.select(ApiKey.id).where(ApiKey.fingerprint == fingerprint(new))).one()
            return Rotated(new, made, old.expires_at)

    def restrict(self, key_id: str, restrictions: Restrictions) -> None:
        """Replace all restrictions of a key. NotFoundError, InvalidInputError."""
        with self._sessions.begin() as session:
            _apply(_find(session, key_id), restrictions, self._clock())

    def revoke(self, key_id: str) -> None:
        """Refuse this key from now on. NotFoundError if there is none such."""
        with self._sessions.begin() as session:
            key = _find(session, key_id)
            key.revoked_at = key.revoked_at or self._clock()

    def get(self, key_id: str) -> ApiKey:
        """The key of this id. NotFoundError if there is none such."""
        with self._sessions.read() as session:
            return _find(session, key_id)

    def of_app(self, app_id: str) -> list[ApiKey]:
        """The app's keys, oldest first, those that hold no longer too."""
        mine = sa.select(ApiKey).where(ApiKey.app_id == app_id).order_by(ApiKey.created_at, ApiKey.id)
        with self._sessions.read() as session:
            return list(session.scalars(mine))

    def authenticate(self, key: str) -> KeyHolder | None:
        """Whose key this is; None if it is unknown, revoked or expired.

        It is looked up by its fingerprint, so there is no comparison whose time could tell anything.
        """
        with self._sessions.look() as connection:
            row = connection.execute(_HOLDER, {"fingerprint": fingerprint(key)}).one_or_none()
        return None if row is None else _holder(row, self._clock())

    def standing(self, key_ids: Collection[str]) -> dict[str, KeyHolder]:
        """Those of these keys that hold now, by their ids, with what they are good for now. One query for 10,000."""
        now, wanted = self._clock(), list(key_ids)
        shares = [wanted[start : start + AT_ONCE] for start in range(0, len(wanted), AT_ONCE)]
        with self._sessions.look() as connection:
            rows = [row for share in shares for row in connection.execute(_HOLDERS, {"key_ids": share})]
        return {row.id: holder for row in rows if (holder := _holder(row, now)) is not None}

    def origins(self) -> frozenset[str] | None:
        """From which web pages some publishable key may be used; None: from all."""
        now = self._clock()
        public = sa.select(ApiKey).where(ApiKey.kind == KeyKind.PUBLISHABLE, ApiKey.revoked_at.is_(None))
        with self._sessions.read() as session:
            keys = [key for key in session.scalars(public) if _is_good(key, now)]
        if any(key.origins is None for key in keys):
            return None
        return frozenset(origin for key in keys for origin in key.origins or ())


def add_key(
    session: Session, app_id: str, kind: KeyKind, now: datetime, restrictions: Restrictions | None = None
) -> str:
    """Add a new key in this transaction; this is the only time it is shown. InvalidInputError."""
    key = f"{kind}_{new_token(40)}"
    row = ApiKey(
        id=new_id("key"),
        app_id=app_id,
        kind=kind,
        fingerprint=fingerprint(key),
        hint=f"{key[:7]}…",
        created_at=now,
        last_used_at=None,
        revoked_at=None,
    )
    _apply(row, restrictions or Restrictions(), now)
    session.add(row)
    session.flush()
    return key


def _apply(row: ApiKey, restrictions: Restrictions, now: datetime) -> None:
    is_public = row.kind == KeyKind.PUBLISHABLE
    faults = [
        Fault("/origins", "bad_origin", f"{origin!r} is no origin: write it like https://shop.example.com")
        for origin in restrictions.origins or ()
        if not _ORIGIN.fullmatch(origin)
    ]
    if restrictions.scopes is not None and is_public:
        faults.append(Fault("/scopes", "not_for_publishable", "only secret keys have scopes"))
    if restrictions.origins is not None and not is_public:
        faults.append(Fault("/origins", "not_for_secret", "a secret key has no place in a web page"))
    if restrictions.expires_at is not None and restrictions.expires_at <= now:
        faults.append(Fault("/expires_at", "past", "has passed already"))
    if faults:
        raise InvalidInputError("The key can't be restricted so.", faults)
    row.scopes = None if restrictions.scopes is None else read_scopes(restrictions.scopes)
    row.origins = None if restrictions.origins is None else sorted(set(restrictions.origins))
    row.expires_at = restrictions.expires_at


def _find(session: Session, key_id: str) -> ApiKey:
    key = session.get(ApiKey, key_id)
    if key is None:
        raise NotFoundError(f"There is no key {key_id!r}. `storefront key list` shows the ids.")
    return key


def _is_good(key: ApiKey, now: datetime) -> bool:
    return _holds(key.revoked_at, key.expires_at, now)


def _holder(row: sa.Row[Any], now: datetime) -> KeyHolder | None:
    if not _holds(row.revoked_at, row.expires_at, now):
        return None
    return KeyHolder(row.app_id, row.id, KeyKind(row.kind), _frozen(row.scopes), _frozen(row.origins))


def _holds(revoked_at: datetime | None, expires_at: datetime | None, now: datetime) -> bool:
    return revoked_at is None and (expires_at is None or expires_at > now)


def _frozen(stored: list[Any] | None) -> frozenset[str] | None:
    return None if stored is None else frozenset(stored)

"""Versions: curations as they were published, frozen with their overrides. The newest one is in force."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from catalog_sync.curation.comparing import Comparison, compare
from catalog_sync.curation.drafts import Draft, describe, load, read_whole
from catalog_sync.curation.reading import read_version, write_version
from catalog_sync.tables import CurationVersion
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import NotFoundError

LONGEST_NOTE: Final = 500


@dataclass(frozen=True, slots=True)
class Version:
    """When a curation was published, by whom (the id of a key, or the command line), and why."""

    number: int
    note: str | None
    published_by: str
    published_at: datetime


class CurationVersions:
    """The published versions of all apps."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._clock = clock

    def find(self, app_id: str, limit: int, before: int | None = None) -> list[Version]:
        """Up to `limit` versions, newest first; those below `before` if it is given."""
        wanted = _columns().where(CurationVersion.app_id == app_id)
        if before is not None:
            wanted = wanted.where(CurationVersion.version < before)
        with self._sessions.read() as session:
            found = session.execute(wanted.order_by(CurationVersion.version.desc()).limit(limit))
            return [_version(row) for row in found]

    def get(self, app_id: str, number: int) -> tuple[Version, dict[str, Any]]:
        """One version and its document, overrides included. NotFoundError if there is none of this number."""
        with self._sessions.read() as session:
            return _get(session, app_id, number)

    def compare(self, app_id: str, number: int, other: int | None) -> Comparison:
        """What differs between a version and another one, or the draft. NotFoundError if there is no such version."""
        with self._sessions.read() as session:
            before = read_version(_get(session, app_id, number)[1])
            after = read_whole(session, app_id) if other is None else read_version(_get(session, app_id, other)[1])
        return compare(before, after)

    def restore(self, app_id: str, number: int, expected: int | None = None) -> Draft:
        """Make a version the draft, overrides included; nothing changes for shoppers until it is published."""
        with self._sessions.begin() as session:
            curation = read_version(_get(session, app_id, number)[1])
            row = load(session, app_id, curation, self._clock(), with_overrides=True, expected=expected)
            session.flush()
            return describe(session, app_id, row)


def freeze(session: Session, app_id: str, by: str, note: str | None, now: datetime) -> Version:
    """Store the draft as it stands as the next version, which is in force from then on.

    The caller holds the lease of the app's catalog, so that no two are numbered alike.
    """
    newest = session.scalar(sa.select(sa.func.max(CurationVersion.version)).where(CurationVersion.app_id == app_id))
    version = Version((newest or 0) + 1, note, by, now)
    session.add(
        CurationVersion(
            app_id=app_id,
            version=version.number,
            document=write_version(read_whole(session, app_id)),
            note=note,
            published_by=by,
            published_at=now,
        )
    )
    return version


def _columns() -> sa.Select[*tuple[Any, ...]]:
    row = CurationVersion
    return sa.select(row.version, row.note, row.published_by, row.published_at)


def _get(session: Session, app_id: str, number: int) -> tuple[Version, dict[str, Any]]:
    row = session.execute(
        _columns()
        .add_columns(CurationVersion.document)
        .where(CurationVersion.app_id == app_id, CurationVersion.version == number)
    ).one_or_none()
    if row is None:
        raise NotFoundError("There is no such version of the curation.")
    return _version(row), row.document


def _version(row: sa.Row[*tuple[Any, ...]]) -> Version:
    return Version(row.version, row.note, row.published_by, row.published_at)

"""Publishing a draft: it becomes the version in force, and the snapshot is published anew under it."""

from dataclasses import dataclass

import sqlalchemy as sa

from catalog_sync import runs
from catalog_sync.curation import drafts, in_force
from catalog_sync.curation.versions import Version, freeze
from catalog_sync.publishing.plan import plan
from catalog_sync.publishing.publish import Publication, publish
from catalog_sync.publishing.source import SnapshotSource
from catalog_sync.runs import Claim
from catalog_sync.tables import PublishedCatalog, SupplierProduct
from foundation.apart import Apart
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import ConflictError
from foundation.ids import new_id


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A version, and what readers see of it. None before the app's first sync, which will publish under it."""

    version: Version
    publication: Publication | None


class CurationPublishing:
    """Publishes the drafts of all apps."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now, apart: Apart | None = None) -> None:
        self._sessions = sessions
        self._clock = clock
        self._apart = apart

    def expect(self) -> None:
        """Somebody is at the draft, and may publish it next."""
        if self._apart is not None:
            self._apart.warm()

    def publish(self, app_id: str, by: str, note: str | None = None, expected: int | None = None) -> PublishedVersion:
        """Put the draft in force. Should this be cut off after that, the next sync or publication shows it.

        ConflictError, with when to try again, while a sync of the app is under way, and where the app's first sync was
        cut off, which left a part of the catalog; DraftChangedError if the draft's revision is not the `expected` one.
        """
        if self._apart is not None:
            return self._apart.call(_publish, self._sessions.url, app_id, by, note, expected)
        claim = Claim(self._sessions, app_id, new_id("pub"), self._clock)
        with self._sessions.begin() as session:
            runs.take_lease(session, app_id, claim.run_id, self._clock())
        try:
            with claim.begin() as session:
                drafts.hold(session, app_id, expected)
                _check_whole(session, app_id)
                version = freeze(session, app_id, by, note, self._clock())
            return PublishedVersion(version, self._publish(claim))
        finally:
            with self._sessions.begin() as session:
                runs.release_lease(session, app_id, claim.run_id)

    def _publish(self, claim: Claim) -> Publication | None:
        with self._sessions.read() as session:
            if session.get(PublishedCatalog, claim.app_id) is None:
                return None
            curation = in_force.read(session, claim.app_id)
            planned = plan(session, claim.app_id, SnapshotSource(claim.app_id), curation)
        return publish(claim, planned)


def _publish(database_url: str, app_id: str, by: str, note: str | None, expected: int | None) -> PublishedVersion:
    sessions = Sessions(database_url)
    try:
        return CurationPublishing(sessions).publish(app_id, by, note, expected)
    finally:
        sessions.dispose()


def _check_whole(session: Session, app_id: str) -> None:
    """ConflictError if there is only what a first sync read before it was cut off."""
    if session.get(PublishedCatalog, app_id) is not None:
        return
    read = sa.exists().where(SupplierProduct.app_id == app_id)
    if session.scalar(sa.select(read)):
        raise ConflictError(
            "The first sync of this catalog was cut off, and only a part of it was read. Sync first, then publish."
        )

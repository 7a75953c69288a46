"""Previewing a draft: the snapshot as the version in force lists it, and as the draft would. Nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog_sync.curation import drafts, in_force, supplied
from catalog_sync.curation.bounded import SHOWN
from catalog_sync.curation.effect import Effect, effect
from catalog_sync.curation.overrides import staleness
from catalog_sync.publishing.source import SnapshotSource
from catalog_sync.publishing.survey import survey
from foundation.apart import Apart
from foundation.database import Sessions


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft would change. `names` are the supplier's, by product id, of all products that are shown."""

    effect: Effect
    names: Mapping[str, str]
    revision: int
    """Of the draft that was looked at."""
    version_in_force: int | None
    stale_overrides: int
    """Overrides under which the supplier has changed something since."""


class CurationPreviews:
    """Previews the drafts of all apps."""

    def __init__(self, sessions: Sessions, apart: Apart | None = None) -> None:
        self._sessions = sessions
        self._apart = apart

    def preview(self, app_id: str, most: int = SHOWN, unmatched_after: str = "") -> Preview:
        """What publishing the draft now would change. Up to `most` items of each long list are shown."""
        if self._apart is not None:
            return self._apart.call(_preview, self._sessions.url, app_id, most, unmatched_after)
        with self._sessions.read() as session:
            draft = drafts.read_whole(session, app_id)
            source = SnapshotSource(app_id)
            before = survey(session, source, in_force.read(session, app_id))
            after = survey(session, source, draft, before.brand_sizes)
            changes = effect(before, after, draft.collections, most, unmatched_after)
            known = supplied.read(session, app_id, sorted({*changes.shown_ids, *draft.overrides}))
            stale = sum(
                bool(staleness(entry.override, entry.seen, known[product_id].values))
                for product_id, entry in draft.overrides.items()
                if product_id in known
            )
            names = {
                each: known[each].values["title"] for each in changes.shown_ids if each in known and known[each].values
            }
            return Preview(changes, names, drafts.revision(session, app_id), in_force.number(session, app_id), stale)


def _preview(database_url: str, app_id: str, most: int, unmatched_after: str) -> Preview:
    sessions = Sessions(database_url)
    try:
        return CurationPreviews(sessions).preview(app_id, most, unmatched_after)
    finally:
        sessions.dispose()

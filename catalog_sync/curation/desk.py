"""All that a merchandiser does, wired once."""

from dataclasses import dataclass

from catalog_sync.curation.collections import DraftCollections
from catalog_sync.curation.drafts import CurationDrafts
from catalog_sync.curation.overrides import ProductOverrides
from catalog_sync.curation.previewing import CurationPreviews
from catalog_sync.curation.publishing import CurationPublishing
from catalog_sync.curation.versions import CurationVersions
from foundation.apart import Apart
from foundation.clock import Clock, utc_now
from foundation.database import Sessions


@dataclass(frozen=True, slots=True)
class CurationDesk:
    """The use cases of curation."""

    drafts: CurationDrafts
    collections: DraftCollections
    overrides: ProductOverrides
    versions: CurationVersions
    previews: CurationPreviews
    publishing: CurationPublishing


def open_desk(sessions: Sessions, clock: Clock = utc_now, apart: Apart | None = None) -> CurationDesk:
    """The desk over a database. Given a process apart, what computes for long is done there, by its own clock."""
    drafts = CurationDrafts(sessions, clock)
    return CurationDesk(
        drafts=drafts,
        collections=DraftCollections(drafts),
        overrides=ProductOverrides(sessions, clock),
        versions=CurationVersions(sessions, clock),
        previews=CurationPreviews(sessions, apart),
        publishing=CurationPublishing(sessions, clock, apart),
    )

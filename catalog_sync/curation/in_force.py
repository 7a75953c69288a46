"""The curation in force: the newest published version."""

import sqlalchemy as sa

from catalog_sync.curation.model import Curation
from catalog_sync.curation.reading import read_version
from catalog_sync.tables import CurationVersion
from foundation.database import Session


def read(session: Session, app_id: str) -> Curation:
    """The newest version; before the first one the empty curation, which lists every product."""
    newest = (
        sa.select(CurationVersion.document)
        .where(CurationVersion.app_id == app_id)
        .order_by(CurationVersion.version.desc())
        .limit(1)
    )
    document = session.scalar(newest)
    return Curation() if document is None else read_version(document)


def number(session: Session, app_id: str) -> int | None:
    """The number of the version in force; None before the first one."""
    return session.scalar(sa.select(sa.func.max(CurationVersion.version)).where(CurationVersion.app_id == app_id))

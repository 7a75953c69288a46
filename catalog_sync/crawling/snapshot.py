"""The supplier snapshot: each thing as Goody last sent it. What is read is compared with it by hash."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from catalog_sync.kinds import TABLES, Kind
from foundation.database import Session


class Known(NamedTuple):
    """What the snapshot has of a thing, for comparing."""

    content_hash: str
    is_present: bool


def read_known(session: Session, app_id: str) -> dict[Kind, dict[str, Known]]:
    """By kind and id all that was ever seen."""
    return {kind: _known(session, app_id, kind) for kind in Kind}


def read_raw(session: Session, app_id: str, kind: Kind, ids: Sequence[str]) -> dict[str, bytes]:
    """By id what Goody last sent of these, as far as they are known."""
    table = TABLES[kind]
    stored = sa.select(table.id, table.raw).where(table.app_id == app_id, table.id.in_(ids))
    return {item_id: raw.encode() for item_id, raw in session.execute(stored)}


def _known(session: Session, app_id: str, kind: Kind) -> dict[str, Known]:
    table = TABLES[kind]
    stored = sa.select(table.id, table.content_hash, table.vanished_at.is_(None)).where(table.app_id == app_id)
    return {item_id: Known(digest, is_present) for item_id, digest, is_present in session.execute(stored)}

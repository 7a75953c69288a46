"""The merchandiser's collections: a tree of two levels, each with what stands under it."""

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa

from catalog_sync.browsing.bounded import BoundedCache
from catalog_sync.browsing.paging import current_generation, in_generation
from catalog_sync.tables import PublishedCollection
from foundation.database import Sessions
from foundation.errors import NotFoundError

MOST_BYTES = 8 * 1024 * 1024


class CollectionTree(msgspec.Struct, frozen=True):
    """The collections of one generation as JSON documents."""

    generation: int
    roots: list[bytes]
    """Those without a parent, in their order, each with its children in it."""
    by_handle: dict[str, bytes]


class Collections:
    """Reads each generation's collections once. Threads may share it."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._kept: BoundedCache[tuple[str, int], CollectionTree] = BoundedCache(MOST_BYTES)

    def tree(self, app_id: str) -> CollectionTree:
        """All collections of the app."""
        with self._sessions.read() as session:
            generation = current_generation(session, app_id)
            tree = self._kept.get((app_id, generation))
            if tree is None:
                inside = in_generation(PublishedCollection, app_id, generation)
                column = sa.select(PublishedCollection.document).where(*inside)
                documents = session.scalars(column.order_by(PublishedCollection.position)).all()
                tree = _tree(generation, [msgspec.json.decode(document) for document in documents])
                self._kept.put((app_id, generation), tree, 500 + 3 * sum(map(len, documents)))
        return tree

    def one(self, app_id: str, handle: str) -> tuple[bytes, int]:
        """One collection's document and its generation. NotFoundError if nothing of that handle is published."""
        tree = self.tree(app_id)
        if handle not in tree.by_handle:
            raise NotFoundError("There is no such collection.")
        return tree.by_handle[handle], tree.generation


def _tree(generation: int, documents: list[dict[str, Any]]) -> CollectionTree:
    by_handle = {document["handle"]: document for document in documents}
    # As published, a collection names its children by their handles.
    for document in documents:
        document["children"] = [by_handle[handle] for handle in document["children"] if handle in by_handle]
    roots = [document for document in documents if document["parent"] is None]
    return CollectionTree(generation, _encoded(roots), dict(zip(by_handle, _encoded(documents), strict=True)))


def _encoded(documents: Iterable[dict[str, Any]]) -> list[bytes]:
    return [msgspec.json.encode(document) for document in documents]

"""The supplier's gift collections: each published one is ordered by a product that stands for it."""

from typing import Final

import msgspec

from catalog_sync.publishing.documents import GiftCollection
from foundation.goody.reading import reader
from foundation.goody.resources import Product


class _Version(msgspec.Struct):
    title: str | None = None


class SuppliedCollection(msgspec.Struct):
    """What is published of a gift collection; recipients see the rest at Goody's."""

    id: str
    is_published: bool
    title: str | None = None
    product: Product | None = None
    published_version: _Version | None = None

    @property
    def shown(self) -> GiftCollection:
        """As its product's document names it."""
        version = self.published_version
        return GiftCollection(self.id, self.title if version is None or version.title is None else version.title)


read_collection: Final = reader(SuppliedCollection)

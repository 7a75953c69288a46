"""The supplier's gift collections: each published one is ordered by a product that stands for it."""

from catalog_sync.publishing.documents import GiftCollection
from foundation.goody import resources
from foundation.goody.resources import Product


def shown(collection: resources.GiftCollection) -> GiftCollection:
    """As the document of its product names it: by the title that was published, if there is one."""
    version = collection.published_version
    title = collection.title if version is None or version.title is None else version.title
    return GiftCollection(collection.id, title)


def stand_in(collection: resources.GiftCollection) -> Product | None:
    """The product that is sold for it; None while it is not published."""
    return collection.product if collection.is_published else None

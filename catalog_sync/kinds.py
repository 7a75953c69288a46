"""What Goody's catalog consists of, and where each kind of thing is kept as Goody last sent it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeAlias

from catalog_sync.tables import SupplierBrand, SupplierCard, SupplierCollection, SupplierProduct

Supplied: TypeAlias = type[SupplierProduct] | type[SupplierBrand] | type[SupplierCard] | type[SupplierCollection]


class Kind(StrEnum):
    """What a listing of Goody's lists, as `StagedItem.kind` names it."""

    PRODUCT = "product"
    BRAND = "brand"
    CARD = "card"
    COLLECTION = "collection"

    @property
    def plural(self) -> str:
        """For people."""
        return f"{self}s"


TABLES: Final[Mapping[Kind, Supplied]] = {
    Kind.PRODUCT: SupplierProduct,
    Kind.BRAND: SupplierBrand,
    Kind.CARD: SupplierCard,
    Kind.COLLECTION: SupplierCollection,
}
"""Where each kind is kept, as Goody last sent it."""

"""What Goody sends, as far as this house reads it: values that never change, under Goody's own field names.

Reading is tolerant of what may be added (unknown fields are ignored, unknown statuses stay text) and strict on money,
which is a whole number of US cents or is refused. Moments are aware and in UTC. Instances come from
`foundation.goody.reading`, which settles Goody's two spellings first. Personal data shows in no repr.
"""

from foundation.goody.resources.account import Me, PaymentMethod, Price, RecipientPrice, TotalPrice, UserCard
from foundation.goody.resources.catalog import (
    Brand,
    Card,
    GiftCollection,
    Image,
    Product,
    ProductAttribute,
    ProductImage,
    ProductVariant,
    ProductVariantGroup,
    ProductVariantGroupOption,
)
from foundation.goody.resources.orders import (
    Amounts,
    Cart,
    CartBrand,
    CartItem,
    CartProduct,
    CartSelection,
    EventTimes,
    Order,
    OrderActivity,
    OrderBatch,
    OriginalAmounts,
    Person,
    Shipment,
)
from foundation.goody.resources.values import Cents

__all__ = [
    "Amounts",
    "Brand",
    "Card",
    "Cart",
    "CartBrand",
    "CartItem",
    "CartProduct",
    "CartSelection",
    "Cents",
    "EventTimes",
    "GiftCollection",
    "Image",
    "Me",
    "Order",
    "OrderActivity",
    "OrderBatch",
    "OriginalAmounts",
    "PaymentMethod",
    "Person",
    "Price",
    "Product",
    "ProductAttribute",
    "ProductImage",
    "ProductVariant",
    "ProductVariantGroup",
    "ProductVariantGroupOption",
    "RecipientPrice",
    "Shipment",
    "TotalPrice",
    "UserCard",
]

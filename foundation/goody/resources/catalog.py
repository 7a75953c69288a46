"""What Goody sends about its catalog: products, brands, greeting cards."""

from datetime import datetime

from msgspec import Struct

from foundation.goody.resources.values import Cents, set_utc


# Without the collector's care: none can be part of a cycle, and a sync makes some hundred thousand of them.
class Image(Struct, frozen=True, gc=False):
    """A picture at the supplier's; sizes in pixels, 0 where Goody gives none."""

    url: str
    width: int = 0
    height: int = 0


class Brand(Struct, frozen=True, gc=False):
    """Who makes a product. Shipping is charged once per brand in a cart, free from `free_shipping_minimum` upward."""

    id: str
    name: str
    logo_image: Image | None = None
    shipping_price: Cents = 0
    free_shipping_minimum: Cents | None = None
    commerce_revshare_excluded: bool | None = None
    brand_values: tuple[str, ...] = ()


class ProductVariant(Struct, frozen=True, gc=False):
    """One choice of a product; with several groups its name is the options joined by ` / `."""

    id: str
    name: str
    subtitle: str | None = None
    image_large: Image | None = None


class ProductVariantGroupOption(Struct, frozen=True, gc=False):
    """One option of a group, such as a colour."""

    id: str
    name: str
    subtitle: str | None = None
    color: str | None = None
    image_large: Image | None = None


class ProductVariantGroup(Struct, frozen=True, gc=False):
    """An axis along which a product varies."""

    id: str
    name: str
    options: tuple[ProductVariantGroupOption, ...] = ()


class ProductImage(Struct, frozen=True, gc=False):
    """One picture of a product."""

    id: str
    image_large: Image


class ProductAttribute(Struct, frozen=True, gc=False):
    """A labelled text about a product, such as its ingredients."""

    label: str
    content: str


class Product(Struct, frozen=True, gc=False):
    """One product of the supplier's catalog."""

    id: str
    name: str
    brand: Brand
    price: Cents
    # No default: a product of variable price taken for a fixed one would be ordered without its amount.
    price_is_variable: bool
    price_min: Cents | None = None
    price_max: Cents | None = None
    subtitle: str | None = None
    subtitle_short: str | None = None
    recipient_description: str | None = None
    variants_label: str | None = None
    variants_num_selectable: int | None = None
    variants: tuple[ProductVariant, ...] = ()
    variant_groups: tuple[ProductVariantGroup, ...] = ()
    images: tuple[ProductImage, ...] = ()
    restricted_states: tuple[str, ...] = ()
    attributes: tuple[ProductAttribute, ...] = ()
    status: str = "active"
    updated_at: datetime | None = None

    def __post_init__(self) -> None:
        set_utc(self, "updated_at")


class GiftCollectionVersion(Struct, frozen=True, gc=False):
    """A gift collection as it was last published; of what recipients see only the title is kept."""

    title: str | None = None


class GiftCollection(Struct, frozen=True, gc=False):
    """A choice of products to give as one gift. A published one is ordered by the id of `product`, which stands for it.

    `published_price` is in cents, shipping included.
    """

    id: str
    is_published: bool
    title: str | None = None
    published_price: Cents | None = None
    product: Product | None = None
    published_version: GiftCollectionVersion | None = None


class Card(Struct, frozen=True, gc=False):
    """A greeting card that a message can be written on."""

    id: str
    image: Image
    image_thumb: Image
    occasions: tuple[str, ...] = ()

"""The catalog. Answers are documents made at publish time: these schemas describe them, nothing is dumped by them."""

from marshmallow import Schema, fields

from catalog_sync.browsing.catalog import Sort
from storefront.api.schemas.common import IncludeTotalQuery, amount, query_cents, text


class ProductsQuery(IncludeTotalQuery):
    """Which products."""

    brand = fields.List(fields.String(), load_default=list, metadata={"description": "repeatable: any of these"})
    price_min = query_cents()
    price_max = query_cents()
    sort = fields.Enum(Sort, by_value=True, load_default=Sort.FEATURED)


class CardsQuery(IncludeTotalQuery):
    """Which greeting cards."""

    occasion = text(100, load_default=None)


class ImageSchema(Schema):
    """A picture."""

    url = fields.Url()
    width = fields.Integer()
    height = fields.Integer()


class ProductBrandSchema(Schema):
    """A brand, as its products name it."""

    id = fields.UUID()
    name = fields.String()
    logo_image = fields.Nested(ImageSchema, allow_none=True)
    shipping_price = amount()
    free_shipping_minimum = amount(allow_none=True)
    brand_values = fields.List(fields.String())


class BrandSchema(ProductBrandSchema):
    """A brand by itself."""

    currency = fields.String()


class VariantSchema(Schema):
    """A variant."""

    id = fields.UUID()
    name = fields.String()
    subtitle = fields.String(allow_none=True)
    image_large = fields.Nested(ImageSchema, allow_none=True)


class ProductImageSchema(Schema):
    """A picture of a product."""

    id = fields.UUID()
    image_large = fields.Nested(ImageSchema)


class ProductSummarySchema(Schema):
    """A product in a list."""

    id = fields.UUID()
    name = fields.String()
    brand = fields.Nested(ProductBrandSchema)
    subtitle = fields.String(allow_none=True)
    subtitle_short = fields.String(allow_none=True)
    currency = fields.String()
    price = amount()
    price_is_variable = fields.Boolean()
    price_min = amount(allow_none=True)
    price_max = amount(allow_none=True)
    price_with_shipping = amount()
    variants_label = fields.String(allow_none=True)
    variants_num_selectable = fields.Integer(allow_none=True)
    variants = fields.List(fields.Nested(VariantSchema))
    images = fields.List(fields.Nested(ProductImageSchema))
    restricted_states = fields.List(fields.String())
    updated_at = fields.DateTime(allow_none=True)


class VariantGroupOptionSchema(Schema):
    """One option of a group."""

    id = fields.UUID()
    name = fields.String()
    subtitle = fields.String(allow_none=True)
    color = fields.String(allow_none=True)
    image_large = fields.Nested(ImageSchema, allow_none=True)


class VariantGroupSchema(Schema):
    """A group of options; variants' names join one option of each with ` / `."""

    id = fields.UUID()
    name = fields.String()
    options = fields.List(fields.Nested(VariantGroupOptionSchema))


class AttributeSchema(Schema):
    """A labelled fact; its content is sanitised HTML."""

    label = fields.String()
    content = fields.String()


class ProductSchema(ProductSummarySchema):
    """A product in full."""

    recipient_description = fields.String(allow_none=True)
    variant_groups = fields.List(fields.Nested(VariantGroupSchema))
    attributes = fields.List(fields.Nested(AttributeSchema))


class CardSchema(Schema):
    """A greeting card."""

    id = fields.UUID()
    image = fields.Nested(ImageSchema)
    image_thumb = fields.Nested(ImageSchema)
    occasions = fields.List(fields.String())


def page_of(item: type[Schema]) -> type[Schema]:
    """A list answer of these."""
    name = item.__name__.removesuffix("Schema")
    return Schema.from_dict(
        {
            "data": fields.List(fields.Nested(item)),
            "next_cursor": fields.String(allow_none=True),
            "total_count": fields.Integer(metadata={"description": "only with include=total"}),
        },
        name=f"{name}PageSchema",
    )


ProductPageSchema = page_of(ProductSummarySchema)
BrandPageSchema = page_of(BrandSchema)
CardPageSchema = page_of(CardSchema)

"""The catalog. Answers are documents made at publish time: these schemas describe them, nothing is dumped by them."""

from marshmallow import Schema, ValidationError, fields, validate

from catalog_sync.browsing.catalog import Sort
from catalog_sync.browsing.questions import LONGEST_QUERY, STATES
from storefront.api.schemas.common import IncludeTotalQuery, PageQuery, Strict, amount, query_cents, text


def _state(code: str) -> None:
    if code.upper() not in STATES:
        raise ValidationError("Must be a US state's two letters, such as NY.")


class ProductsQuery(IncludeTotalQuery):
    """Which products."""

    q = fields.String(
        load_default=None,
        validate=validate.Length(max=LONGEST_QUERY),
        metadata={
            "description": "full text: every word has to begin a word of the product; a blank one is as none, one "
            "without letters and digits finds nothing"
        },
    )
    brand = fields.List(fields.String(), load_default=list, metadata={"description": "repeatable: any of these"})
    collection = fields.String(load_default=None, metadata={"description": "handle of a collection"})
    price_min = query_cents()
    price_max = query_cents()
    price_with_shipping_max = query_cents()
    ships_to = fields.String(
        load_default=None,
        validate=_state,
        metadata={"description": "a US state's two letters: leaves out what can't be sent there"},
    )
    brand_value = fields.List(fields.String(), load_default=list, metadata={"description": "repeatable: any of these"})
    sort = fields.Enum(
        Sort,
        by_value=True,
        load_default=None,
        metadata={
            "description": "left out: the best matches of `q` first, a collection in its own order, else as featured"
        },
    )


class NoQuery(Strict):
    """For what takes no parameters: a misspelt one is noticed."""


class ChangesQuery(PageQuery):
    """Where to go on in the change feed."""


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


class GiftCollectionSchema(Schema):
    """What whoever is given the product chooses from."""

    id = fields.UUID()
    title = fields.String(allow_none=True)


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
    tags = fields.List(fields.String())
    collections = fields.List(fields.String(), metadata={"description": "handles"})
    gift_collection = fields.Nested(GiftCollectionSchema, allow_none=True)
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


class CollectionSchema(Schema):
    """A collection of the merchandiser's."""

    handle = fields.String()
    title = fields.String()
    description = fields.String(allow_none=True)
    image = fields.Url(allow_none=True)
    parent = fields.String(allow_none=True, metadata={"description": "handle"})
    products_count = fields.Integer()
    children = fields.List(fields.Nested("CollectionSchema"))


class CollectionTreeSchema(Schema):
    """All collections: those without a parent, each with its children in it."""

    data = fields.List(fields.Nested(CollectionSchema))
    next_cursor = fields.String(allow_none=True, metadata={"description": "always null: they come all at once"})


class BrandCountSchema(Schema):
    """A brand to narrow the list to."""

    id = fields.UUID()
    name = fields.String()
    count = fields.Integer()
    is_selected = fields.Boolean()


class CollectionCountSchema(Schema):
    """A collection to narrow the list to."""

    handle = fields.String()
    title = fields.String()
    count = fields.Integer()
    is_selected = fields.Boolean()


class ValueCountSchema(Schema):
    """A value to narrow the list to."""

    value = fields.String()
    count = fields.Integer()
    is_selected = fields.Boolean()


class PriceRangeSchema(Schema):
    """From the lowest to the highest price; null where there is no product."""

    min = amount(allow_none=True)
    max = amount(allow_none=True)


class SortOptionSchema(Schema):
    """An order that the list can be in."""

    value = fields.Enum(Sort, by_value=True)
    is_default = fields.Boolean()


class FiltersSchema(Schema):
    """What the list can be narrowed to. Each facet's counts leave its own selection out."""

    total_count = fields.Integer()
    currency = fields.String()
    brands = fields.List(fields.Nested(BrandCountSchema))
    collections = fields.List(fields.Nested(CollectionCountSchema))
    brand_values = fields.List(fields.Nested(ValueCountSchema))
    ships_to = fields.List(
        fields.Nested(ValueCountSchema),
        metadata={"description": "states that some product can't be sent to, with those that can"},
    )
    price = fields.Nested(PriceRangeSchema)
    price_with_shipping = fields.Nested(PriceRangeSchema)
    sorts = fields.List(fields.Nested(SortOptionSchema))


class ChangeSchema(Schema):
    """What became of one product."""

    product_id = fields.UUID()
    change = fields.String(validate=validate.OneOf(["entered", "changed", "left"]))
    generation = fields.Integer()
    changed_at = fields.DateTime()
    product = fields.Nested(
        ProductSummarySchema, allow_none=True, metadata={"description": "as lists show it; null when it left"}
    )


class ChangePageSchema(Schema):
    """A page of the change feed."""

    data = fields.List(fields.Nested(ChangeSchema))
    next_cursor = fields.String(
        metadata={"description": "always given, and good for ever: where to go on, now or later"}
    )
    has_more = fields.Boolean(metadata={"description": "whether there is more to read now"})


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

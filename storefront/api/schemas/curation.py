"""Curation. Its documents are checked by catalog_sync, which knows the language: these schemas describe them."""

from typing import Any, Final

from marshmallow import Schema, fields, validate

from catalog_sync.curation.bounded import SHOWN
from catalog_sync.curation.model import Action, CollectionSort
from catalog_sync.curation.reading import LONGEST_HANDLE, LONGEST_NAME, OVERRIDE
from catalog_sync.curation.versions import LONGEST_NOTE
from storefront.api.schemas.catalog import page_of
from storefront.api.schemas.common import PageQuery, Strict, amount, text

READ_ONLY: Final = ("revision", "updated_at", "overrides", "version_in_force")
"""Members of the draft that are shown, and passed over when it is sent back."""


class Described(Schema):
    """A request whose document is read by catalog_sync, every fault at once with codes of its own."""

    def load(self, data: Any, **_options: Any) -> Any:  # noqa: ANN401  any JSON
        """The document as it came."""
        return data


def condition(description: str, **options: Any) -> fields.Dict:  # noqa: ANN401  passed through to marshmallow
    """A condition of the language of docs/curation.md."""
    return fields.Dict(keys=fields.String(), metadata={"description": description}, **options)


class RuleSchema(Schema):
    """A rule. Of all that match the last one that includes or excludes decides; the rest of them adds up."""

    name = fields.String(required=True, validate=validate.Length(1, LONGEST_NAME))
    when = condition("a condition: see docs/curation.md", required=True)
    action = fields.String(validate=validate.OneOf([action.value for action in Action]))
    tags = fields.List(fields.String())
    collections = fields.List(fields.String(), metadata={"description": "handles"})
    boost = fields.Integer(metadata={"description": "higher comes first in the featured order"})


class DraftCollectionSchema(Described):
    """A collection of the draft."""

    handle = fields.String(required=True, validate=validate.Length(1, LONGEST_HANDLE))
    title = fields.String(required=True, validate=validate.Length(1, LONGEST_NAME))
    description = fields.String(allow_none=True)
    image = fields.String(allow_none=True, metadata={"description": "an https address"})
    parent = fields.String(allow_none=True, metadata={"description": "handle; collections nest two deep at most"})
    products = fields.List(fields.String(), metadata={"description": "product ids, in order"})
    when = condition("which products belong to it, besides those that are named", allow_none=True)
    pins = fields.List(fields.String(), metadata={"description": "product ids that come first"})
    sort = fields.String(validate=validate.OneOf([sort.value for sort in CollectionSort]))
    limit = fields.Integer(allow_none=True, metadata={"description": "how many products it shows at most"})


class DraftCollectionChangeSchema(DraftCollectionSchema):
    """The members to change; what is left out stays."""

    handle = fields.String(dump_only=True)
    title = fields.String()


class CurationSchema(Described):
    """The draft: what is on sale, under which tags, in which collections. All three are replaced."""

    default = fields.String(required=True, validate=validate.OneOf([Action.INCLUDE.value, Action.EXCLUDE.value]))
    rules = fields.List(fields.Nested(RuleSchema), required=True)
    collections = fields.List(fields.Nested(DraftCollectionSchema), required=True)
    revision = fields.Integer(dump_only=True, metadata={"description": "goes up with every edit, of overrides too"})
    updated_at = fields.DateTime(dump_only=True, allow_none=True)
    overrides = fields.Integer(dump_only=True, metadata={"description": "how many products are overridden"})
    version_in_force = fields.Integer(dump_only=True, allow_none=True)

    def load(self, data: Any, **_options: Any) -> Any:  # noqa: ANN401  any JSON
        """The document as it came, less what is only shown: so it may be read, changed and sent back."""
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if name not in READ_ONLY}


class OverrideSchema(Described):
    """What is said of a product instead of what the supplier says; what is left out is left to the supplier."""

    title = fields.String()
    subtitle = fields.String()
    description = fields.String()
    images = fields.List(fields.String(), metadata={"description": "ids in the order wanted"})
    hidden = fields.Boolean()
    featured_rank = fields.Integer(metadata={"description": "comes before all others, lowest first"})


class StalenessSchema(Schema):
    """An overridden field in which the supplier no longer says what it said when the override was written."""

    field = fields.String(validate=validate.OneOf(OVERRIDE))
    then = fields.Raw(allow_none=True)
    now = fields.Raw(allow_none=True)


class OverriddenProductSchema(Schema):
    """An override of the draft, and what is under it."""

    product_id = fields.String()
    is_present = fields.Boolean(metadata={"description": "whether the supplier has the product just now"})
    override = fields.Nested(OverrideSchema, allow_none=True)
    updated_at = fields.DateTime(allow_none=True)
    is_stale = fields.Boolean()
    stale = fields.List(fields.Nested(StalenessSchema))
    supplied = fields.Dict(keys=fields.String(), metadata={"description": "what the supplier says, or said last"})


class ProductLayersSchema(OverriddenProductSchema):
    """The same, with where each published field comes from under the version in force."""

    layers = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "by published field: supplier, curation, or derived from both"},
    )


class OverridesQuery(PageQuery):
    """Which overrides."""

    stale = fields.Boolean(load_default=False, metadata={"description": "only those over something that has changed"})


class PublishSchema(Strict):
    """A note for those who come later."""

    note = text(LONGEST_NOTE, allow_none=True, load_default=None)


class VersionSchema(Schema):
    """A published curation."""

    version = fields.Integer()
    note = fields.String(allow_none=True)
    published_by = fields.String(metadata={"description": "the id of a key, or `operator`"})
    published_at = fields.DateTime()


class PublicationSchema(Schema):
    """What readers see of it."""

    generation = fields.Integer()
    products = fields.Integer()
    entered = fields.Integer()
    changed = fields.Integer()
    left = fields.Integer()


class PublishedVersionSchema(VersionSchema):
    """A new version; `publication` is null before the first sync, which will publish under it."""

    publication = fields.Nested(PublicationSchema, allow_none=True)


class WholeVersionSchema(VersionSchema):
    """A version with all that is in it."""

    default = fields.String()
    rules = fields.List(fields.Nested(RuleSchema))
    collections = fields.List(fields.Nested(DraftCollectionSchema))
    overrides = fields.Dict(keys=fields.String(), values=fields.Nested(OverrideSchema))


class RestoredSchema(Schema):
    """The draft after a version was put in its place."""

    restored_version = fields.Integer()
    detail = fields.String(metadata={"description": "what remains to be done"})
    draft = fields.Nested(CurationSchema)


class CompareQuery(Strict):
    """With what to compare."""

    other = fields.Integer(
        data_key="with",
        load_default=None,
        validate=validate.Range(1, 2**62),
        metadata={"description": "another version; the draft if left out"},
    )


class NamesSchema(Schema):
    """The first of a list, and how many there are."""

    total = fields.Integer()
    items = fields.List(fields.String())


class ChangedFieldSchema(Schema):
    """What it was, and what it is."""

    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)


class ChangedThingSchema(Schema):
    """A thing that is not the same in both."""

    name = fields.String(metadata={"description": "of a rule; the handle of a collection; the id of a product"})
    fields_ = fields.Dict(
        keys=fields.String(), values=fields.Nested(ChangedFieldSchema), attribute="fields", data_key="fields"
    )


class ChangedThingsSchema(NamesSchema):
    """The same of changes."""

    items = fields.List(fields.Nested(ChangedThingSchema))


class DifferencesSchema(Schema):
    """What differs among things of one kind."""

    added = fields.Nested(NamesSchema)
    removed = fields.Nested(NamesSchema)
    changed = fields.Nested(ChangedThingsSchema)
    is_reordered = fields.Boolean()


class ComparisonSchema(Schema):
    """What differs, from the version to the other one."""

    is_same = fields.Boolean()
    default = fields.Nested(ChangedFieldSchema)
    rules = fields.Nested(DifferencesSchema)
    collections = fields.Nested(DifferencesSchema)
    overrides = fields.Nested(DifferencesSchema)


class PreviewRequestSchema(Strict):
    """How much of it."""

    limit = fields.Integer(
        load_default=SHOWN,
        strict=True,
        validate=validate.Range(0, 1000),
        metadata={"description": "how many items of each long list are shown"},
    )
    unmatched_after = text(64, load_default="", metadata={"description": "unmatched products behind this id"})


class NamedProductSchema(Schema):
    """A product."""

    id = fields.String()
    name = fields.String(allow_none=True)


class NamedProductsSchema(NamesSchema):
    """The first products of a list, and how many there are."""

    items = fields.List(fields.Nested(NamedProductSchema))


class MovedProductSchema(NamedProductSchema):
    """A product that will be in other collections."""

    joins = fields.List(fields.String())
    leaves = fields.List(fields.String())


class MovedProductsSchema(NamesSchema):
    """The same of those that move."""

    items = fields.List(fields.Nested(MovedProductSchema))


class SpreadSchema(Schema):
    """How prices spread."""

    lowest = amount()
    lower_quartile = amount()
    median = amount()
    upper_quartile = amount()
    highest = amount()


class AssortmentSchema(Schema):
    """What is on sale."""

    products = fields.Integer()
    earning_revenue_share = fields.Integer()
    revenue_share_part = fields.Float(allow_none=True, metadata={"description": "from 0 to 1"})
    prices = fields.Nested(SpreadSchema, allow_none=True)


class RuleHitsSchema(Schema):
    """What a rule matches."""

    name = fields.String()
    count = fields.Integer()
    samples = fields.List(fields.Nested(NamedProductSchema))


class CollectionEffectSchema(Schema):
    """What becomes of a collection."""

    handle = fields.String()
    title = fields.String()
    before = fields.Integer(allow_none=True, metadata={"description": "products; null if it is new"})
    after = fields.Integer(allow_none=True, metadata={"description": "products; null if it is gone"})
    joining = fields.Integer()
    leaving = fields.Integer()
    reordered = fields.Integer(metadata={"description": "products that stay and stand elsewhere"})
    absent = fields.Nested(NamesSchema, metadata={"description": "products it names that would not be on sale"})


class PreviewSchema(Schema):
    """What publishing the draft would change for shoppers."""

    revision = fields.Integer(metadata={"description": "of the draft that was looked at"})
    version_in_force = fields.Integer(allow_none=True)
    present = fields.Integer(metadata={"description": "active products that the supplier has"})
    before = fields.Nested(AssortmentSchema)
    after = fields.Nested(AssortmentSchema)
    entering = fields.Nested(NamedProductsSchema)
    leaving = fields.Nested(NamedProductsSchema)
    moving = fields.Nested(MovedProductsSchema)
    reordered = fields.Integer(metadata={"description": "products that stay and stand elsewhere in featured order"})
    rules = fields.List(fields.Nested(RuleHitsSchema))
    idle_rules = fields.List(fields.String(), metadata={"description": "rules that match nothing"})
    collections = fields.List(fields.Nested(CollectionEffectSchema))
    empty_collections = fields.List(fields.String())
    unmatched = fields.Nested(NamedProductsSchema, metadata={"description": "products in no collection, by id"})
    stale_overrides = fields.Integer()


VersionPageSchema = page_of(VersionSchema)
OverridePageSchema = page_of(OverriddenProductSchema)

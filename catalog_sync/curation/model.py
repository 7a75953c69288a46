"""A curation: rules, collections and overrides, as a merchandiser wrote them and after they were checked.

How one is read from a document stands in `catalog_sync.curation.reading`, what its conditions mean in
`catalog_sync.curation.predicates`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias

from foundation.goody.resources import Product

Condition: TypeAlias = Mapping[str, Any]
"""A checked condition, in the form in which it was written: every member of it must hold."""


class Action(StrEnum):
    """What a rule decides about the products that it matches."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    NONE = "none"


class CollectionSort(StrEnum):
    """The order of a collection's products after its pins."""

    FEATURED = "featured"
    PRICE = "price"
    PRICE_DESCENDING = "-price"
    NAME = "name"
    NEWEST = "newest"
    MANUAL = "manual"
    """As `products` lists them; those that a condition or a rule added follow in featured order."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Of all matching rules the last one that includes or excludes decides; tags, collections, boosts add up."""

    name: str
    when: Condition
    action: Action = Action.NONE
    tags: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    """Handles."""
    boost: int = 0


@dataclass(frozen=True, slots=True)
class CollectionDefinition:
    """A collection: what belongs to it (whatever `products`, `pins`, `when` or a rule names), and in which order."""

    handle: str
    title: str
    description: str | None = None
    image: str | None = None
    """An https address."""
    parent: str | None = None
    """The handle of a collection that has no parent itself; it holds all of its children's products too."""
    products: tuple[str, ...] = ()
    when: Condition | None = None
    pins: tuple[str, ...] = ()
    sort: CollectionSort = CollectionSort.FEATURED
    limit: int | None = None
    """How many products it shows at most."""


OVERRIDDEN_AS: Final = {
    "title": "name",
    "subtitle": "subtitle",
    "description": "recipient_description",
    "images": "images",
}
"""By field of an override, the published field whose value it replaces."""


@dataclass(frozen=True, slots=True)
class Override:
    """What is said of one product instead of what the supplier says; None leaves a field to the supplier."""

    title: str | None = None
    subtitle: str | None = None
    description: str | None = None
    images: tuple[str, ...] | None = None
    """Ids in the order wanted; pictures that are not named follow as the supplier has them."""
    hidden: bool = False
    featured_rank: int | None = None
    """Such products come before all others, lowest first."""

    @property
    def published_values(self) -> dict[str, Any]:
        """The published fields that it replaces, by their name."""
        values = {published: getattr(self, name) for name, published in OVERRIDDEN_AS.items()}
        return {name: value for name, value in values.items() if value is not None}

    def write(self) -> dict[str, Any]:
        """As it is stored, and shown: what it does not touch is left out."""
        written: dict[str, Any] = {name: value for name in OVERRIDDEN_AS if (value := getattr(self, name)) is not None}
        if self.images is not None:
            written["images"] = list(self.images)
        if self.hidden:
            written["hidden"] = True
        if self.featured_rank is not None:
            written["featured_rank"] = self.featured_rank
        return written


def supplier_values(product: Product) -> dict[str, Any]:
    """What the supplier says in the fields that can be overridden."""
    return {
        "title": product.name,
        "subtitle": product.subtitle,
        "description": product.recipient_description,
        "images": [image.id for image in product.images],
    }


@dataclass(frozen=True, slots=True)
class SeenOverride:
    """An override, and what the supplier said in its fields when it was written (nothing if the product was absent)."""

    override: Override
    seen: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Curation:
    """Everything a merchandiser decides. An empty one lists every product and has no collections."""

    default: Action = Action.INCLUDE
    """What becomes of a product that no rule includes or excludes."""
    rules: tuple[Rule, ...] = ()
    collections: tuple[CollectionDefinition, ...] = ()
    overrides: Mapping[str, SeenOverride] = field(default_factory=dict)
    """By product id; the product may be absent."""

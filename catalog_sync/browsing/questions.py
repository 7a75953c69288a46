"""What a reader can ask of the products on sale."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final, NamedTuple

from catalog_sync.search import MOST_WORDS
from catalog_sync.words import asked_words
from foundation.errors import Fault, InvalidInputError
from foundation.money import Cents

DEFAULT_LIMIT: Final = 24
LARGEST_LIMIT: Final = 100
LONGEST_QUERY: Final = 500
"""Characters of a full text query that are looked at."""

STATES: Final = frozenset(
    (  # noqa: SIM905  fifty quoted codes would be no easier to read
        "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK"
        " OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR VI AA AE AP"
    ).split()
)
"""Where the US Postal Service delivers: states, the District, territories, and the armed forces."""


class Sort(StrEnum):
    """The orders that products can be listed in."""

    FEATURED = "featured"
    NAME = "name"
    PRICE = "price"
    PRICE_DESCENDING = "-price"
    NEWEST = "newest"
    RELEVANCE = "relevance"
    """The best match of a full text query first; without one, featured."""


class Filters(NamedTuple):
    """What narrows a list: hashable, and equal where the same is meant. Prices in cents, bounds included."""

    words: tuple[str, ...] | None = None
    """All of them; None where nothing is looked for."""
    brand_ids: tuple[str, ...] = ()
    """Any of them; every brand when empty. Sorted, each once, as are brand values."""
    collection: str | None = None
    price_min: Cents | None = None
    price_max: Cents | None = None
    price_with_shipping_max: Cents | None = None
    ships_to: str | None = None
    brand_values: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProductQuery:
    """Which products, in which order, and which page of them. Prices in cents, bounds included.

    Without a sort, the best matches of `q` come first; else a collection is in its own order, and all else is as
    featured. A blank `q` is none; one without letters and digits finds nothing.
    """

    brand_ids: tuple[str, ...] = ()
    """Any of these; every brand when empty."""
    price_min: Cents | None = None
    price_max: Cents | None = None
    sort: Sort | None = None
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    include_total: bool = False
    q: str | None = None
    collection: str | None = None
    """A handle."""
    price_with_shipping_max: Cents | None = None
    ships_to: str | None = None
    """A US state's two letters, in either case."""
    brand_values: tuple[str, ...] = ()
    """Any of these."""

    @cached_property
    def filters(self) -> Filters:
        """What narrows the list. InvalidInputError for a state that there is not."""
        return Filters(
            words=self._words(),
            brand_ids=_each_once(self.brand_ids),
            collection=self.collection,
            price_min=self.price_min,
            price_max=self.price_max,
            price_with_shipping_max=self.price_with_shipping_max,
            ships_to=_state(self.ships_to),
            brand_values=_each_once(self.brand_values),
        )

    @cached_property
    def order(self) -> Sort | None:
        """The order that is meant; None for the collection's own."""
        if self.sort is Sort.RELEVANCE or self.sort is None:
            if self.filters.words is not None:
                return Sort.RELEVANCE
            return Sort.FEATURED if self.collection is None or self.sort is not None else None
        return self.sort

    def _words(self) -> tuple[str, ...] | None:
        if self.q is None or not self.q.strip():
            return None
        return tuple(asked_words(self.q[:LONGEST_QUERY], MOST_WORDS))


def check_limit(limit: int) -> None:
    """InvalidInputError unless a page can have this size."""
    if not 1 <= limit <= LARGEST_LIMIT:
        raise InvalidInputError("The limit is out of bounds.", [Fault("/limit", "out_of_range", "1 to 100")])


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    return values if len(values) < 2 else tuple(sorted(set(values)))  # noqa: PLR2004  one value needs no sorting


def _state(code: str | None) -> str | None:
    if code is None:
        return None
    state = code.upper()
    if state not in STATES:
        fault = Fault("/ships_to", "invalid", "Must be a US state's two letters, such as NY.")
        raise InvalidInputError("There is no such state.", [fault])
    return state

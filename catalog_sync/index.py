"""The index of a generation: what browsing filters, sorts and counts on, made when it is published.

A web process loads it once per generation. Columns are arrays in the featured order, and a *place* is a position in
them; so any list is a sequence of places, and a page of it is a slice.
"""

from array import array
from typing import Final, TypeAlias

import msgspec

PLACE: Final = "I"
"""Typecode of arrays of places."""
NUMBER: Final = "q"
"""Typecode of arrays of cents, microseconds, generations and document numbers."""

Packed: TypeAlias = bytes
"""An array as bytes, in this machine's byte order."""


class FacetValue(msgspec.Struct, frozen=True, array_like=True):
    """One value to filter on, how it is shown, and the places that have it."""

    value: str
    label: str
    places: Packed
    """In ascending order; of a collection in the collection's own order."""


class CatalogIndex(msgspec.Struct, frozen=True, array_like=True):
    """All columns of a generation, each in the featured order."""

    ids: tuple[str, ...]
    docids: Packed
    """NUMBER each: the listing's number in the full text index."""
    versions: Packed
    """NUMBER each: `valid_from` of the listing's row."""
    prices: Packed
    """NUMBER each: cents."""
    prices_with_shipping: Packed
    """NUMBER each: cents, with that brand's shipping."""
    orders: dict[str, Packed]
    """PLACE each: by sort (`price`, `-price`, `name`, `newest`), all places in that order."""
    brands: tuple[FacetValue, ...]
    """By name."""
    collections: tuple[FacetValue, ...]
    """By position; value is the handle, label the title."""
    brand_values: tuple[FacetValue, ...]
    """By name."""
    restricted_states: tuple[FacetValue, ...]
    """The places that can't be shipped to each state (two letters)."""
    placings: tuple[bytes, ...] = ()
    """How documents end: see `catalog_sync.placing`. None where documents are stored with their endings."""
    placing: Packed = b""
    """PLACE each: which of these it is."""
    tag_words: tuple[FacetValue, ...] = ()
    """By a word of tags, the places that it finds: tags are none of the texts in the full text index."""
    brand_sizes: dict[str, int] = {}
    """By brand id, how many products the supplier had of it, active ones: the next plan need not count them first."""


_decoder: Final = msgspec.msgpack.Decoder(CatalogIndex)
_encoder: Final = msgspec.msgpack.Encoder()


def encode(index: CatalogIndex) -> bytes:
    """The index as it is stored."""
    return _encoder.encode(index)


def decode(body: bytes) -> CatalogIndex:
    """The index as it was stored."""
    return _decoder.decode(body)


def pack(typecode: str, values: "array[int] | list[int]") -> Packed:
    """The numbers as bytes."""
    return array(typecode, values).tobytes()


def unpack(typecode: str, packed: Packed) -> "array[int]":
    """The numbers from bytes."""
    return array(typecode, packed)

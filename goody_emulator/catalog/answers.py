"""The catalog in Goody's answers: JSON whose image links begin with the address of the emulator."""

import random
from collections.abc import Iterable
from typing import Any

import msgspec

from goody_emulator.catalog.collections import Category, Collection, Version
from goody_emulator.catalog.model import BASE, Brand, Product
from goody_emulator.catalog.shelf import Shelf, Wanted
from goody_emulator.catalog.shown import within, without_share


def products(shelf: Shelf, wanted: Wanted, part: slice, base: str, *, is_shuffled: bool = False) -> bytes:
    """Return a part of the list of products, shuffled anew for this part alone if that is wished."""
    listing = shelf.listing(wanted)
    if is_shuffled:
        listing = random.sample(listing, len(listing))
    return _listed([shelf.drawn.encoded(product) for product in listing[part]], len(listing), base)


def product(shelf: Shelf, found: Product, base: str) -> bytes:
    """Return one product."""
    return _linked(shelf.drawn.encoded(found), base)


def brands(shelf: Shelf, country: str, part: slice, base: str) -> bytes:
    """Return a part of the list of brands, each with its sets."""
    listing = shelf.listed_brands(country)
    return _listed(_encoded(_brand(shelf, brand) for brand in listing[part]), len(listing), base)


def cards(shelf: Shelf, part: slice, base: str) -> bytes:
    """Return a part of the list of greeting cards."""
    listing = list(shelf.cards.values())
    return _listed(_encoded(listing[part]), len(listing), base)


def collections(shelf: Shelf, workspace_id: str, part: slice, base: str, *, published_only: bool) -> bytes:
    """Return a part of the list of a workspace's collections, without what is in them."""
    listing = [each for each in shelf.collections.values() if each.version or not published_only]
    return _listed(_encoded(_collection(shelf, each, workspace_id) for each in listing[part]), len(listing), base)


def collection(shelf: Shelf, found: Collection, workspace_id: str, base: str) -> bytes:
    """Return one collection with what is in it."""
    body = _collection(shelf, found, workspace_id)
    if found.version is not None:
        categories = [_category(shelf, category) for category in found.version.categories]
        body["published_version"]["collection_categories"] = categories
    return _linked(msgspec.json.encode(body), base)


def _brand(shelf: Shelf, brand: Brand) -> dict[str, Any]:
    sets = shelf.drawn.sets.get(brand.id, [])
    return {**without_share(brand), "brand_sets": [each.shown(shelf.products) for each in sets]}


def _collection(shelf: Shelf, collection: Collection, workspace_id: str) -> dict[str, Any]:
    standing = shelf.products.get(collection.product_id or "")
    return {
        "id": collection.id,
        "workspace_id": workspace_id,
        "title": collection.title,
        "is_published": collection.version is not None,
        "published_price": standing.price if standing else None,
        "product": within(standing) if standing else None,
        "published_version": _version(collection.version) if collection.version else None,
    }


def _version(version: Version) -> dict[str, Any]:
    shown = msgspec.structs.asdict(version)
    del shown["categories"]
    return shown


def _category(shelf: Shelf, category: Category) -> dict[str, Any]:
    there = ((member_id, shelf.products.get(product_id)) for member_id, product_id in category.members)
    return {
        "id": category.id,
        "name": category.name,
        "is_featured": category.is_featured,
        "position": category.position,
        "collection_products": [
            {"id": member_id, "product": within(product)}
            for member_id, product in there
            if product and product.status == "active"
        ],
    }


def _encoded(items: Iterable[object]) -> list[bytes]:
    return [msgspec.json.encode(item) for item in items]


def _listed(items: list[bytes], total: int, base: str) -> bytes:
    return _linked(b'{"data":[%b],"list_meta":{"total_count":%d}}' % (b",".join(items), total), base)


def _linked(encoded: bytes, base: str) -> bytes:
    return encoded.replace(BASE.encode(), base.encode())

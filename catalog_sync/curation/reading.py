"""Between a curation and its document: JSON of `default`, `rules` and `collections`, and `overrides` in files.

Reading is strict. All faults are told at once, each with a pointer and a stable code.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from catalog_sync.curation.checking import Faults, Members, members_of, pointed
from catalog_sync.curation.conditions import MOST_IDS, check_condition, check_id
from catalog_sync.curation.model import (
    Action,
    CollectionDefinition,
    CollectionSort,
    Curation,
    Override,
    Rule,
    SeenOverride,
)
from catalog_sync.tables import ID

HANDLE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_HANDLE: Final = 64
LONGEST_NAME: Final = 200
LONGEST_TEXT: Final = 5000
LONGEST_URL: Final = 2000
LONGEST_TAG: Final = 50
MOST_RULES: Final = 500
MOST_COLLECTIONS: Final = 500
MOST_TAGS: Final = 50
MOST_OVERRIDES: Final = 100_000
LARGEST_BOOST: Final = 1000
LARGEST_RANK: Final = 1_000_000
LARGEST_LIMIT: Final = 100_000

CURATION: Final = ("default", "rules", "collections")
RULE: Final = ("name", "action", "when", "tags", "collections", "boost")
COLLECTION: Final = (
    "handle", "title", "description", "image", "parent", "products", "when", "pins", "sort", "limit",
)  # fmt: skip
OVERRIDE: Final = ("title", "subtitle", "description", "images", "hidden", "featured_rank")

_HTTPS: Final = re.compile(r"https://[^\s/?#@\"<>]+([/?#][^\s\"<>]*)?")
_REFUSED: Final = "The curation can't be used."


def read_curation(document: object, required: Sequence[str] = ()) -> Curation:
    """The curation of a document, without overrides. InvalidInputError names every fault.

    `required` are members that the document may not leave out.
    """
    faults = Faults()
    curation = _curation(document, faults, CURATION)
    for name in required:
        if isinstance(document, dict) and document.get(name) is None:
            faults.add(f"/{name}", "required", "is missing: this replaces the whole curation")
    faults.raise_any(_REFUSED)
    return curation


def read_file(document: object) -> tuple[Curation, bool]:
    """The curation of a file, and whether the file speaks of overrides: if not, those that exist are to stay.

    InvalidInputError names every fault.
    """
    faults = Faults()
    curation = _curation(document, faults, (*CURATION, "overrides"))
    raw = document.get("overrides") if isinstance(document, dict) else None
    overrides = {} if raw is None else _overrides(raw, "/overrides", faults)
    faults.raise_any(_REFUSED)
    return replace(curation, overrides=overrides), raw is not None


def read_version(document: Mapping[str, Any]) -> Curation:
    """The curation of a published version, overrides included, with what was seen under them."""
    faults = Faults()
    curation = _curation({name: document[name] for name in CURATION}, faults, CURATION)
    faults.raise_any("The stored version can't be read.")
    overrides = {
        product_id: SeenOverride(read_stored_override(entry["values"]), entry["seen"])
        for product_id, entry in document["overrides"].items()
    }
    return replace(curation, overrides=overrides)


def write_curation(curation: Curation) -> dict[str, Any]:
    """The document of a curation, without overrides; reading it gives the same curation."""
    return {
        "default": curation.default.value,
        "rules": [_written_rule(rule) for rule in curation.rules],
        "collections": [write_collection(collection) for collection in curation.collections],
    }


def write_file(curation: Curation) -> dict[str, Any]:
    """The document of a curation with its overrides, to keep as a file."""
    overrides = {product_id: entry.override.write() for product_id, entry in sorted(curation.overrides.items())}
    return {**write_curation(curation), "overrides": overrides}


def write_version(curation: Curation) -> dict[str, Any]:
    """The document of a version: what was seen under each override is frozen with it."""
    overrides = {
        product_id: {"values": entry.override.write(), "seen": dict(entry.seen)}
        for product_id, entry in sorted(curation.overrides.items())
    }
    return {**write_curation(curation), "overrides": overrides}


def read_override(raw: object) -> Override:
    """An override as a merchandiser wrote it. InvalidInputError names every fault."""
    faults = Faults()
    override = _override(raw, "", faults)
    faults.raise_any("The override can't be used.")
    return override


def read_stored_override(values: Mapping[str, Any]) -> Override:
    """An override from its row."""
    images = values.get("images")
    return Override(**{**values, "images": None if images is None else tuple(images)})


def read_collection(raw: object, pointer: str, faults: Faults) -> CollectionDefinition:
    """One collection; its relations to others are left to be checked with the whole curation."""
    members = Members(raw, pointer, COLLECTION, faults)
    members.require("handle")
    members.require("title")
    if members.has("when"):
        check_condition(members.raw("when"), members.at("when"), faults)
    products, pins = _ids(members, "products"), _ids(members, "pins")
    limit = members.integer("limit", 1, LARGEST_LIMIT)
    if limit is not None and len(pins) > limit:
        faults.add(members.at("pins"), "too_many", f"holds {len(pins)} products, more than limit shows")
    return CollectionDefinition(
        handle=_handle(members, "handle") or "",
        title=members.text("title", LONGEST_NAME) or "",
        description=members.text("description", LONGEST_TEXT),
        image=_image(members),
        parent=_handle(members, "parent"),
        products=products,
        when=members.raw("when"),
        pins=pins,
        sort=_sort(members, products),
        limit=limit,
    )


def _curation(document: object, faults: Faults, known: Sequence[str]) -> Curation:
    members = Members(document, "", known, faults)
    default = members.choice("default", (Action.INCLUDE.value, Action.EXCLUDE.value))
    rules = tuple(_rule(raw, at, faults) for at, raw in members.items("rules", MOST_RULES))
    collections = tuple(read_collection(raw, at, faults) for at, raw in members.items("collections", MOST_COLLECTIONS))
    _check_relations(rules, collections, faults)
    return Curation(Action(default or Action.INCLUDE), rules, collections)


def _rule(raw: object, pointer: str, faults: Faults) -> Rule:
    members = Members(raw, pointer, RULE, faults)
    members.require("name")
    members.require("when")
    if members.has("when"):
        check_condition(members.raw("when"), members.at("when"), faults)
    return Rule(
        name=members.text("name", LONGEST_NAME) or "",
        when=members.raw("when") or {},
        action=Action(members.choice("action", [action.value for action in Action]) or Action.NONE),
        tags=members.texts("tags", MOST_TAGS, LONGEST_TAG),
        collections=members.texts("collections", MOST_COLLECTIONS, LONGEST_HANDLE),
        boost=members.integer("boost", -LARGEST_BOOST, LARGEST_BOOST) or 0,
    )


def _check_relations(rules: Sequence[Rule], collections: Sequence[CollectionDefinition], faults: Faults) -> None:
    """What no rule and no collection shows by itself: names twice, handles of nothing, nesting."""
    _check_unique([rule.name for rule in rules], "/rules", "name", faults)
    _check_unique([collection.handle for collection in collections], "/collections", "handle", faults)
    # Of two with one handle the first counts: the other is a fault of its own.
    parents = {collection.handle: collection.parent for collection in reversed(collections)}
    for number, rule in enumerate(rules):
        for place, handle in enumerate(rule.collections):
            if handle not in parents:
                faults.add(f"/rules/{number}/collections/{place}", "unknown_collection", f"there is no {handle!r}")
    for number, collection in enumerate(collections):
        _check_parent(collection, f"/collections/{number}/parent", parents, faults)


def _check_parent(
    collection: CollectionDefinition, pointer: str, parents: Mapping[str, str | None], faults: Faults
) -> None:
    parent = collection.parent
    if parent is None:
        return
    if parent not in parents:
        faults.add(pointer, "unknown_collection", f"there is no {parent!r}")
    elif parent == collection.handle:
        faults.add(pointer, "nested_too_deep", "a collection can't be its own parent")
    elif parents[parent] is not None:
        faults.add(pointer, "nested_too_deep", f"{parent!r} has a parent itself: collections nest two deep at most")


def _check_unique(values: Sequence[str], pointer: str, name: str, faults: Faults) -> None:
    seen: set[str] = set()
    for number, value in enumerate(values):
        if value and value in seen:
            faults.add(f"{pointer}/{number}/{name}", f"duplicate_{name}", f"{value!r} stands in this list before")
        seen.add(value)


def _override(raw: object, pointer: str, faults: Faults) -> Override:
    members = Members(raw, pointer, OVERRIDE, faults)
    hidden = members.raw("hidden")
    if hidden is not None and not isinstance(hidden, bool):
        faults.add(members.at("hidden"), "wrong_type", "must be true or false")
    override = Override(
        title=members.text("title", LONGEST_NAME),
        subtitle=members.text("subtitle", LONGEST_TEXT, shortest=0),
        description=members.text("description", LONGEST_TEXT, shortest=0),
        images=_ids(members, "images") if members.has("images") else None,
        hidden=hidden is True,
        featured_rank=members.integer("featured_rank", 0, LARGEST_RANK),
    )
    if isinstance(raw, dict) and not any(value is not None for value in raw.values()):
        faults.add(pointer, "empty", f"says nothing: give one of {', '.join(OVERRIDE)}, or delete the override")
    return override


def _overrides(raw: object, pointer: str, faults: Faults) -> dict[str, SeenOverride]:
    members = members_of(raw, pointer, faults)
    if len(members) > MOST_OVERRIDES:
        faults.add(pointer, "too_many", f"holds {len(members)} overrides; {MOST_OVERRIDES} are possible")
        return {}
    for product_id in members:
        if not ID.fullmatch(product_id):
            faults.add(pointed(pointer, product_id), "bad_id", "is no id: 1 to 64 letters, digits, - and _")
    return {
        product_id: SeenOverride(_override(value, pointed(pointer, product_id), faults))
        for product_id, value in members.items()
    }


def _ids(members: Members, name: str) -> tuple[str, ...]:
    return members.distinct(name, MOST_IDS, lambda raw, at: check_id(raw, at, members.faults))


def _handle(members: Members, name: str) -> str | None:
    handle = members.text(name, LONGEST_HANDLE)
    if handle is not None and not HANDLE.fullmatch(handle):
        members.faults.add(members.at(name), "bad_handle", "must be of a-z and 0-9, with single - between them")
        return None
    return handle


def _image(members: Members) -> str | None:
    image = members.text("image", LONGEST_URL)
    if image is not None and not _HTTPS.fullmatch(image):
        members.faults.add(members.at("image"), "bad_url", "must be an https address")
    return image


def _sort(members: Members, products: Sequence[str]) -> CollectionSort:
    """As it says; a collection that lists its products is in that order unless it says otherwise."""
    sort = members.choice("sort", [each.value for each in CollectionSort])
    if sort is None:
        return CollectionSort.MANUAL if products else CollectionSort.FEATURED
    return CollectionSort(sort)


def _written_rule(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "action": rule.action.value,
        "when": rule.when,
        "tags": list(rule.tags),
        "collections": list(rule.collections),
        "boost": rule.boost,
    }


def write_collection(collection: CollectionDefinition) -> dict[str, Any]:
    """The document of one collection."""
    return {
        "handle": collection.handle,
        "title": collection.title,
        "description": collection.description,
        "image": collection.image,
        "parent": collection.parent,
        "products": list(collection.products),
        "when": collection.when,
        "pins": list(collection.pins),
        "sort": collection.sort.value,
        "limit": collection.limit,
    }

"""The language of curation read as its documentation says it, slowly and with nothing shared with the real thing."""

import re
import unicodedata
from typing import Any

from foundation.goody.resources import Product

Placed = tuple[bool, tuple[str, ...], frozenset[str], int]


def placed_plainly(
    document: dict[str, Any], product: Product, brand_size: int, *, is_gift_collection: bool
) -> tuple[Placed, list[int]]:
    """What becomes of the product, and for each rule whether it matched (0 or 1)."""
    listed, boost = document["default"] == "include", 0
    tags: list[str] = []
    handles: set[str] = set()
    hits: list[int] = []
    facts = {"size": brand_size, "is_collection": is_gift_collection, "tags": tags}
    for rule in document["rules"]:
        matched = _holds(rule["when"], product, facts)
        hits.append(int(matched))
        if not matched:
            continue
        if rule.get("action", "none") != "none":
            listed = rule["action"] == "include"
        tags += [tag for tag in rule.get("tags", []) if _plain(tag) not in map(_plain, tags)]
        boost += rule.get("boost", 0)
        handles |= set(rule.get("collections", []))
    for collection in document["collections"]:
        named = {*collection.get("products", []), *collection.get("pins", [])}
        if product.id in named or ("when" in collection and _holds(collection["when"], product, facts)):
            handles.add(collection["handle"])
    handles |= {each["parent"] for each in document["collections"] if "parent" in each and each["handle"] in handles}
    return ((True, tuple(tags), frozenset(handles), boost) if listed else (False, (), frozenset(), 0)), hits


def _holds(condition: dict[str, Any], product: Product, facts: dict[str, Any]) -> bool:
    return all(_member(name, value, product, facts) for name, value in condition.items())


def _member(name: str, value: Any, product: Product, facts: dict[str, Any]) -> bool:
    maker = product.brand
    shipped = product.price
    if maker.free_shipping_minimum is None or product.price < maker.free_shipping_minimum:
        shipped += maker.shipping_price
    words = _plain(product.name).split()
    is_card = bool(re.search(r"\b(gift cards?|giftcards?|e ?gift)\b", " ".join(words))) or (
        product.price_is_variable
        and not facts["is_collection"]
        and bool({"card", "cards", "voucher", "vouchers", "certificate", "certificates"} & set(words))
    )
    numbers = {
        "price": product.price,
        "price_with_shipping": shipped,
        "variants": len(product.variants),
        "brand_size": facts["size"],
    }
    flags = {
        "always": True,
        "has_variants": len(product.variants) > 0,
        "variable_price": product.price_is_variable,
        "gift_card": is_card,
        "gift_collection": facts["is_collection"],
        "revenue_share_excluded": maker.commerce_revshare_excluded is True,
    }
    if name in numbers:
        return bool(value.get("min", 0) <= numbers[name] <= value.get("max", 10**18))
    if name in flags:
        return bool(flags[name] == value)
    restricted = set(product.restricted_states)
    return {
        "all": lambda: all(_holds(each, product, facts) for each in value),
        "any": lambda: any(_holds(each, product, facts) for each in value),
        "not": lambda: not _holds(value, product, facts),
        "text": lambda: _text(value, product),
        "ships_to": lambda: not any(state in restricted for state in value),
        "restricted_in": lambda: any(state in restricted for state in value),
        "tag": lambda: bool({_plain(tag) for tag in value} & {_plain(tag) for tag in facts["tags"]}),
        "brand": lambda: maker.id in value or _plain(maker.name) in map(_plain, value),
        "brand_value": lambda: bool({_plain(each) for each in value} & {_plain(each) for each in maker.brand_values}),
        "product": lambda: product.id in value,
    }[name]()


def _text(wanted: dict[str, Any], product: Product) -> bool:
    texts = [text for field in wanted.get("in", ["name", "subtitle"]) for text in _texts(field, product)]

    def found(term: str) -> bool:
        body = re.escape(_plain(term)).replace(r"\ ", " ")
        pattern = ("" if term.startswith("*") else r"\b") + body + ("" if term.endswith("*") else r"\b")
        return any(re.search(pattern, _plain(text)) for text in texts)

    return (
        ("any" not in wanted or any(map(found, wanted["any"])))
        and all(map(found, wanted.get("all", [])))
        and not any(map(found, wanted.get("none", [])))
    )


def _texts(field: str, product: Product) -> list[str]:
    if field.startswith("attribute"):
        label = field.partition(":")[2]
        return [
            re.sub("<.*?>", "", each.content)
            for each in product.attributes
            if not label or _plain(label) == _plain(each.label)
        ]
    return {
        "name": [product.name],
        "subtitle": [product.subtitle or "", product.subtitle_short or ""],
        "description": [product.recipient_description or ""],
        "brand": [product.brand.name],
        "variants": [variant.name for variant in product.variants],
    }[field]


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.lower())
    return " ".join(re.findall(r"[a-z0-9]+", "".join(letter for letter in bare if letter.isascii())))

"""The JSON documents that are served, made from what Goody sent; and what lists are sorted and filtered on.

Goody's names are kept. What is the partner's business matter, `commerce_revshare_excluded`, never gets in here.
"""

import unicodedata
from collections.abc import Iterable
from typing import Any, Final

import msgspec
import nh3

from foundation.goody.resources import Brand, Card, Product
from foundation.money import CURRENCY, Cents

# What Goody says its attributes may hold; anything else is taken out, whatever it sends.
_TAGS: Final = {"a", "div", "img", "span", "p", "br", "strong", "b", "em", "i", "ol", "ul", "li", "hr"}
_ATTRIBUTES: Final = {"a": {"href"}, "img": {"src", "width", "height", "alt"}}
_SCHEMES: Final = {"http", "https", "mailto"}
_cleaner: Final = nh3.Cleaner(tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES)

_LONGEST_KEY: Final = 200
_DETAIL_ONLY: Final = ("recipient_description", "variant_groups", "attributes")


def product_documents(product: Product) -> tuple[bytes, bytes]:
    """A product as lists show it, and in full.

    Two documents, since a list of 100 products would be several times as long with their attributes and variant
    groups in it, and cutting them out when asked would parse at each request what is made here once.
    """
    whole = _product(product)
    summary = {name: value for name, value in whole.items() if name not in _DETAIL_ONLY}
    return msgspec.json.encode(summary), msgspec.json.encode(whole)


def brand_document(brand: Brand) -> bytes:
    """A brand, with the shipping it charges once per cart."""
    return msgspec.json.encode(_brand(brand) | {"currency": CURRENCY})


def card_document(card: Card) -> bytes:
    """A greeting card: its pictures and occasions."""
    return msgspec.json.encode(card)


def price_with_shipping(product: Product) -> Cents:
    """What one piece costs with its brand's shipping, in cents; free from `free_shipping_minimum` upward."""
    brand = product.brand
    if brand.free_shipping_minimum is not None and product.price >= brand.free_shipping_minimum:
        return product.price
    return product.price + brand.shipping_price


def sanitize(html: str) -> str:
    """The HTML with Goody's allowed elements only; links get `rel="noopener noreferrer"`."""
    return _cleaner.clean(html)


def name_key(name: str) -> str:
    """What a name is sorted on: without case, accents and stray blanks."""
    return _folded(name)[:_LONGEST_KEY]


def occasion_key(occasion: str) -> str:
    """How one occasion stands among a card's occasions."""
    return f"|{_folded(occasion).replace('|', ' ')}|"


def occasion_keys(occasions: Iterable[str]) -> str:
    """All occasions of a card, as text to look for one in."""
    return " ".join(occasion_key(occasion) for occasion in occasions)


def _product(product: Product) -> dict[str, Any]:
    return {
        "id": product.id,
        "name": product.name,
        "brand": _brand(product.brand),
        "subtitle": product.subtitle,
        "subtitle_short": product.subtitle_short,
        "recipient_description": product.recipient_description,
        "variants_label": product.variants_label,
        "variants_num_selectable": product.variants_num_selectable,
        "variants": product.variants,
        "variant_groups": product.variant_groups,
        "images": product.images,
        "price": product.price,
        "price_is_variable": product.price_is_variable,
        "price_min": product.price_min,
        "price_max": product.price_max,
        "price_with_shipping": price_with_shipping(product),
        "currency": CURRENCY,
        "restricted_states": product.restricted_states,
        "attributes": [{"label": each.label, "content": sanitize(each.content)} for each in product.attributes],
        "updated_at": product.updated_at,
    }


def _brand(brand: Brand) -> dict[str, Any]:
    return {
        "id": brand.id,
        "name": brand.name,
        "logo_image": brand.logo_image,
        "shipping_price": brand.shipping_price,
        "free_shipping_minimum": brand.free_shipping_minimum,
        "brand_values": brand.brand_values,
    }


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    # Marks go (é sorts as e), and so do control characters, some of which PostgreSQL does not store.
    plain = "".join(" " if letter.isspace() else letter for letter in decomposed if _is_kept(letter))
    return " ".join(plain.split())


def _is_kept(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter)[0] not in "CM"

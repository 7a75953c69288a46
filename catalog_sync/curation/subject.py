"""A product as conditions see it: what the supplier sent, with its words found once."""

from collections.abc import Iterable, Sequence
from typing import Final

from catalog_sync.curation.wording import BETWEEN_FIELDS, Term, fold, without_html
from foundation.goody.resources import Product
from foundation.money import Cents

FIELDS: Final = ("name", "subtitle", "description", "attributes", "brand", "variants")
ONE_ATTRIBUTE: Final = "attribute:"
"""Before the label of the attributes to look in, such as `attribute:Materials`."""
USUAL_FIELDS: Final = ("name", "subtitle")

_CARDS: Final = frozenset({"card", "cards", "voucher", "vouchers", "certificate", "certificates"})
_GIFT_CARDS: Final = (" gift card ", " gift cards ", " giftcard ", " giftcards ", " egift ", " e gift ")


class Lexicon:
    """All terms looked for in one choice of fields. A product's text is gone through once, whoever asks."""

    def __init__(self, fields: Sequence[str]) -> None:
        self.fields = tuple(fields)
        self._marks = 0
        self._words: dict[str, int] = {}
        self._phrases: dict[str, list[tuple[str, int]]] = {}
        self._parts: list[tuple[str, int]] = []

    def mark(self, terms: Iterable[Term]) -> int:
        """A bit that is set where any of the terms is found."""
        mark = 1 << self._marks
        self._marks += 1
        for term in terms:
            if term.first_word is None:
                self._parts.append((term.needle, mark))
            elif term.is_word:
                self._words[term.first_word] = self._words.get(term.first_word, 0) | mark
            else:
                self._phrases.setdefault(term.first_word, []).append((term.needle, mark))
        return mark

    def marks(self, text: str) -> int:
        """The marks of all terms that are in a folded text with a blank at both ends."""
        words = set(text.split())
        found = 0
        for word in self._words.keys() & words:
            found |= self._words[word]
        for word in self._phrases.keys() & words:
            for needle, mark in self._phrases[word]:
                if needle in text:
                    found |= mark
        for needle, mark in self._parts:
            if needle in text:
                found |= mark
        return found


class Subject:
    """One product while it is judged. `tags` are those that the rules so far have given it."""

    __slots__ = ("_marks", "_texts", "brand_size", "is_gift_collection", "product", "tags")

    def __init__(self, product: Product, brand_size: int, *, is_gift_collection: bool = False) -> None:
        self.product = product
        self.brand_size = brand_size
        self.is_gift_collection = is_gift_collection
        self.tags: dict[str, None] = {}
        self._texts: dict[str, str] = {}
        self._marks: dict[Lexicon, int] = {}

    def marks(self, lexicon: Lexicon) -> int:
        """The marks of a lexicon's terms that are in this product's text."""
        found = self._marks.get(lexicon)
        if found is None:
            text = f" {BETWEEN_FIELDS} ".join([self._text(name) for name in lexicon.fields])
            found = self._marks[lexicon] = lexicon.marks(f" {text} ")
        return found

    @property
    def price_with_shipping(self) -> Cents:
        """What one piece costs with its brand's shipping; free from `free_shipping_minimum` upward."""
        price, brand = self.product.price, self.product.brand
        is_free = brand.free_shipping_minimum is not None and price >= brand.free_shipping_minimum
        return price if is_free else price + brand.shipping_price

    @property
    def is_gift_card(self) -> bool:
        """Whether it calls itself one, or some other card of variable price: Goody has no field that says so."""
        name = f" {self._text('name')} "
        if any(phrase in name for phrase in _GIFT_CARDS):
            return True
        return self.product.price_is_variable and not self.is_gift_collection and not _CARDS.isdisjoint(name.split())

    def _text(self, field: str) -> str:
        text = self._texts.get(field)
        if text is None:
            text = self._texts[field] = f" {BETWEEN_FIELDS} ".join([fold(part) for part in self._parts(field)])
        return text

    def _parts(self, field: str) -> Iterable[str]:  # noqa: PLR0911  one for each field
        product = self.product
        match field:
            case "name":
                return (product.name,)
            case "subtitle":
                return (product.subtitle or "", product.subtitle_short or "")
            case "description":
                return (product.recipient_description or "",)
            case "brand":
                return (product.brand.name,)
            case "variants":
                return [variant.name for variant in product.variants]
            case "attributes":
                return [without_html(attribute.content) for attribute in product.attributes]
        label = fold(field.removeprefix(ONE_ATTRIBUTE))
        return [without_html(each.content) for each in product.attributes if fold(each.label) == label]

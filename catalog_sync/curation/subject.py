"""A product as conditions see it: what the supplier sent, with its words found once."""

from typing import Final

from catalog_sync.curation.wording import BETWEEN_FIELDS, fold_name, without_html, words_of
from foundation.goody.resources import Product

FIELDS: Final = ("name", "subtitle", "description", "attributes", "brand", "variants")
ONE_ATTRIBUTE: Final = "attribute:"
"""Before the label of the attributes to look in, such as `attribute:Materials`."""
USUAL_FIELDS: Final = ("name", "subtitle")

REPEATED: Final = frozenset({"brand", "variants"})
"""Fields in which the same texts come again and again."""

_CARDS: Final = frozenset({"card", "cards", "voucher", "vouchers", "certificate", "certificates"})
_GIFT_CARDS: Final = (" gift card ", " gift cards ", " giftcard ", " giftcards ", " egift ", " e gift ")


class Subject:
    """One product while it is judged. `tags` are those that the rules so far have given it, by their folded form."""

    __slots__ = ("_is_gift_card", "_words", "brand_size", "is_gift_collection", "marks", "product", "tags")

    def __init__(self, product: Product, brand_size: int, *, is_gift_collection: bool = False) -> None:
        self.product = product
        self.brand_size = brand_size
        self.is_gift_collection = is_gift_collection
        self.tags: dict[str, str] = {}
        self.marks = 0
        """Which terms its texts hold: see `catalog_sync.curation.lexicon`."""
        self._words: dict[str, list[str]] = {}
        self._is_gift_card: bool | None = None

    @property
    def is_gift_card(self) -> bool:
        """Whether it calls itself one, or some other card of variable price: Goody has no field that says so."""
        if self._is_gift_card is None:
            self._is_gift_card = self._calls_itself_gift_card()
        return self._is_gift_card

    def words(self, field: str) -> list[str]:
        """The words of a field; several texts in it are kept apart by what is no word."""
        words = self._words.get(field)
        if words is None:
            words = []
            for text in self.texts(field):
                if words:
                    words.append(BETWEEN_FIELDS)
                words += words_of(text)
            self._words[field] = words
        return words

    def _calls_itself_gift_card(self) -> bool:
        words = self.words("name")
        name = f" {' '.join(words)} "
        if "gift" in name and any(phrase in name for phrase in _GIFT_CARDS):
            return True
        return self.product.price_is_variable and not self.is_gift_collection and not _CARDS.isdisjoint(words)

    def texts(self, field: str) -> tuple[str, ...]:  # noqa: PLR0911  one for each field
        """What the supplier sent in a field."""
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
                return tuple([variant.name for variant in product.variants])
            case "attributes":
                return tuple([without_html(attribute.content) for attribute in product.attributes])
        label = fold_name(field.removeprefix(ONE_ATTRIBUTE))
        return tuple([without_html(each.content) for each in product.attributes if fold_name(each.label) == label])

"""A product as conditions see it: what the supplier sent, with its words found once."""

from collections.abc import Iterable
from typing import Final

from catalog_sync.curation.wording import BETWEEN_FIELDS, fold, fold_name, without_html
from foundation.goody.resources import Product

FIELDS: Final = ("name", "subtitle", "description", "attributes", "brand", "variants")
ONE_ATTRIBUTE: Final = "attribute:"
"""Before the label of the attributes to look in, such as `attribute:Materials`."""
USUAL_FIELDS: Final = ("name", "subtitle")

_FEW: Final = frozenset({"brand", "variants"})
"""Fields in which the same texts come again and again."""

_CARDS: Final = frozenset({"card", "cards", "voucher", "vouchers", "certificate", "certificates"})
_GIFT_CARDS: Final = (" gift card ", " gift cards ", " giftcard ", " giftcards ", " egift ", " e gift ")


class Subject:
    """One product while it is judged. `tags` are those that the rules so far have given it, by their folded form."""

    __slots__ = ("_is_gift_card", "_texts", "brand_size", "is_gift_collection", "marks", "product", "tags")

    def __init__(self, product: Product, brand_size: int, *, is_gift_collection: bool = False) -> None:
        self.product = product
        self.brand_size = brand_size
        self.is_gift_collection = is_gift_collection
        self.tags: dict[str, str] = {}
        self.marks = 0
        """Which terms its texts hold: see `catalog_sync.curation.lexicon`."""
        self._texts: dict[str, str] = {}
        self._is_gift_card: bool | None = None

    @property
    def is_gift_card(self) -> bool:
        """Whether it calls itself one, or some other card of variable price: Goody has no field that says so."""
        if self._is_gift_card is None:
            self._is_gift_card = self._calls_itself_gift_card()
        return self._is_gift_card

    def text(self, field: str) -> str:
        """The folded text of a field; several texts in it are kept apart."""
        text = self._texts.get(field)
        if text is None:
            folded = fold_name if field in _FEW else fold
            text = self._texts[field] = f" {BETWEEN_FIELDS} ".join([folded(part) for part in self._parts(field)])
        return text

    def _calls_itself_gift_card(self) -> bool:
        name = f" {self.text('name')} "
        if any(phrase in name for phrase in _GIFT_CARDS):
            return True
        return self.product.price_is_variable and not self.is_gift_collection and not _CARDS.isdisjoint(name.split())

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
        label = fold_name(field.removeprefix(ONE_ATTRIBUTE))
        return [without_html(each.content) for each in product.attributes if fold_name(each.label) == label]

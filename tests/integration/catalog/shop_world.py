"""A supplier whose catalog is a list of offers, five to a page: what it sends is made of them anew at each change."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

import httpx
import msgspec

from .supplier import Item, Supplier, brand, collection, product

PER_PAGE: Final = 5
THEMES: Final = ("Candle", "Mug", "Tea", "Blanket")
GIFT_ID: Final = "gift-0001"
GIFT_WORD: Final = "uqgift"


class Flaw(StrEnum):
    """What keeps an offer from being read."""

    ABSURD = "absurd"
    """Its price can't be; it still says which product it is."""
    NAMELESS = "nameless"
    """Nobody can tell which product it is."""


@dataclass(frozen=True)
class Maker:
    """A brand and its terms, in cents."""

    number: int
    shipping: int = 500
    free_from: int | None = None

    @property
    def id(self) -> str:
        return f"brand-{self.number:04}"

    @property
    def values(self) -> tuple[str, ...]:
        return ("Vegan",) if self.number % 2 else ("Local",)

    def item(self) -> Item:
        terms = {"shipping_price": self.shipping, "free_shipping_minimum": self.free_from}
        return brand(self.number, brand_values=list(self.values), **terms)


@dataclass(frozen=True)
class Offer:
    """A product as the supplier would have it. `word` is in the name of no other product, at no other time."""

    number: int
    maker: int
    price: int
    theme: str
    renamed: int = 0
    is_active: bool = True
    flaw: Flaw | None = None

    @property
    def id(self) -> str:
        return f"product-{self.number:04}"

    @property
    def word(self) -> str:
        return f"uq{self.number:03}r{self.renamed:03}"

    @property
    def name(self) -> str:
        return f"{self.theme} {self.word}"

    def item(self, of: Item) -> Item:
        status = "active" if self.is_active else "inactive"
        item = product(self.number, of, name=self.name, price=self.price, status=status)
        match self.flaw:
            case Flaw.ABSURD:
                return item | {"price": -1}
            case Flaw.NAMELESS:
                return item | {"id": None}
        return item


class PagedSupplier(Supplier):
    """Gives pages of five, whatever is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.surplus = 0
        """How many products it counts beyond those that it lists."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        """One page of one listing."""
        url = request.url.copy_set_param("per_page", PER_PAGE)
        page = super().answer(httpx.Request(request.method, url, headers=request.headers))
        if not self.surplus or not url.path.endswith("/products"):
            return page
        content = msgspec.json.decode(page.content)
        content["list_meta"]["total_count"] += self.surplus
        return httpx.Response(200, content=msgspec.json.encode(content))


@dataclass
class World:
    """What the supplier has just now, and had once: what is gone may come back."""

    supplier: PagedSupplier = field(default_factory=PagedSupplier)
    makers: list[Maker] = field(default_factory=lambda: [Maker(number) for number in range(4)])
    offers: list[Offer] = field(default_factory=list)
    gone: list[Offer] = field(default_factory=list)

    def open(self, count: int) -> None:
        """Begin with so many products and one gift collection."""
        for _ in range(count):
            self.add(price=1000 + 500 * (len(self.offers) % 5))

    def show(self) -> None:
        """Send what there is from now on."""
        brands = [maker.item() for maker in self.makers]
        self.supplier.brands = brands
        self.supplier.products = [offer.item(brands[offer.maker]) for offer in self.offers]
        gift = product(1, brands[1], id=GIFT_ID, name=f"Choice {GIFT_WORD}", price=4000)
        self.supplier.collections = [collection(1, gift), collection(2)]

    def add(self, price: int, *, at_front: bool = False) -> None:
        """A product that was never there before."""
        number = len(self.offers) + len(self.gone)
        offer = Offer(number, number * number // 3 % len(self.makers), price, THEMES[number % len(THEMES)])
        self.offers.insert(0 if at_front else len(self.offers), offer)
        self.show()

    def remove(self, place: int) -> None:
        """Take one off the catalog."""
        self.gone.append(self.offers.pop(place))
        self.show()

    def bring_back(self, place: int) -> None:
        """What was gone is there again, as it was."""
        self.offers.append(self.gone.pop(place))
        self.show()

    def change(self, place: int, **fields: object) -> None:
        """Another price, theme, status or flaw."""
        self.offers[place] = replace(self.offers[place], **fields)  # type: ignore[arg-type]
        self.show()

    def charge(self, number: int, shipping: int, free_from: int | None) -> None:
        """Other terms of a brand."""
        self.makers[number] = Maker(number, shipping, free_from)
        self.show()

"""A small supplier behind the real client's transport, whose catalog a test can change between runs and during one."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec

from foundation.goody.client import SANDBOX, GoodyClient, connect
from foundation.http import Retries

Item = dict[str, Any]
Hook = Callable[[str, int], httpx.Response | None]


class SteppingClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def step(self, **duration: float) -> None:
        self.now += timedelta(**duration)


def brand(number: int, **fields: Any) -> Item:
    """A brand of the supplier."""
    return {
        "id": f"brand-{number:04}",
        "name": f"Brand {number}",
        "logo_image": None,
        "shipping_price": 500,
        "free_shipping_minimum": None,
        "brand_values": ["Vegan"],
    } | fields


def product(number: int, of: Item | None = None, **fields: Any) -> Item:
    """A product of the supplier; of brand 1 unless another is named."""
    return {
        "id": f"product-{number:04}",
        "name": f"Product {number}",
        "brand": of or brand(1),
        "subtitle": "Good to have.",
        "variants": [{"id": f"variant-{number}-{size}", "name": size} for size in ("Small", "Large")],
        "variants_num_selectable": 1,
        "variant_groups": [],
        "images": [{"id": f"image-{number}", "image_large": {"url": "https://assets.example/1.png"}}],
        "price": 1000 + number,
        "price_is_variable": False,
        "restricted_states": ["HI"],
        "attributes": [{"label": "Materials", "content": "<p>Cotton</p>"}],
        "updated_at": "2026-06-01T12:00:00Z",
        "status": "active",
    } | fields


def card(number: int, *occasions: str) -> Item:
    """A greeting card of the supplier."""
    image = {"url": f"https://assets.example/cards/{number}.png", "width": 800, "height": 1130}
    return {"id": f"card-{number:04}", "image": image, "image_thumb": image, "occasions": list(occasions)}


def collection(number: int, of: Item | None = None, **fields: Any) -> Item:
    """A gift collection of the supplier; published if there is a product that stands for it."""
    return {
        "id": f"collection-{number:04}",
        "workspace_id": "workspace-1",
        "title": f"Collection {number}",
        "is_published": of is not None,
        "published_price": None if of is None else of["price"] + 500,
        "product": of,
        "published_version": None,
    } | fields


class Supplier:
    """Answers for `/v1/products`, `/v1/brands`, `/v1/cards` and `/v1/collections` like Goody.

    Change its lists to change the catalog.
    """

    def __init__(self) -> None:
        self.products: list[Item] = []
        self.brands: list[Item] = []
        self.cards: list[Item] = []
        self.collections: list[Item] = []
        self.asked: list[tuple[str, int]] = []
        self.queries: list[dict[str, str]] = []
        self.before_page: Hook = lambda _name, _page: None
        """Called before each page is made: may change the catalog, or answer in the page's stead."""
        self._one_at_a_time = threading.Lock()

    def client(self) -> GoodyClient:
        """The real client, with this supplier on the other side; a failure is not tried again."""
        transport = httpx.MockTransport(self.answer)
        return connect(SANDBOX, "goody_token_commerce_test", retries=Retries(tries=1), transport=transport)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """One page of one listing."""
        name = request.url.path.rpartition("/")[2]
        page, size = int(request.url.params["page"]), int(request.url.params["per_page"])
        with self._one_at_a_time:
            self.asked.append((name, page))
            self.queries.append(dict(request.url.params))
            instead = self.before_page(name, page)
            if instead is not None:
                return instead
            listing: list[Item] = getattr(self, name)
            content = {"data": listing[(page - 1) * size : page * size], "list_meta": {"total_count": len(listing)}}
            return httpx.Response(200, content=msgspec.json.encode(content))

    def stock(self, products: int, brands: int = 3) -> None:
        """Fill the catalog: so many products, dealt out to so many brands."""
        self.brands = [brand(number) for number in range(brands)]
        self.products = [product(number, self.brands[number % brands]) for number in range(products)]

"""Walking lists as a partner's app would."""

from collections.abc import Callable
from typing import Any, Final

from tests.shop import Shop

MOST_PAGES: Final = 200


def walk(shop: Shop, path: str, *, key: str | None = None) -> list[list[dict[str, Any]]]:
    """The pages of a list, by `next_cursor`; the Link header must lead the same way."""
    pages: list[list[dict[str, Any]]] = []
    url = path
    while len(pages) < MOST_PAGES:
        response = shop.call("GET", url, key=key)
        assert response.status_code == 200, response.text
        page = response.get_json()
        pages.append(page["data"])
        cursor = page["next_cursor"]
        link = response.headers.get("Link")
        if cursor is None:
            assert link is None
            return pages
        assert link is not None
        assert cursor in link
        separator = "&" if "?" in path else "?"
        url = f"{path}{separator}cursor={cursor}"
    raise AssertionError(f"{path} has no end")


def flat(pages: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The items of all pages."""
    return [item for page in pages for item in page]


def find_product(shop: Shop, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first product on sale that fits, in full."""
    listed = next(product for product in flat(walk(shop, "/v1/products?limit=100")) if fits(product))
    detail: dict[str, Any] = shop.call("GET", f"/v1/products/{listed['id']}").get_json()
    return detail


def variable_product(shop: Shop) -> dict[str, Any]:
    """A product whose sender chooses the price within bounds."""
    return find_product(shop, lambda product: bool(product["price_is_variable"]))

"""Two collections in what is served, as a merchandiser publishes them."""

from typing import Any

from tests.shop import Shop


def with_collection(shop: Shop) -> None:
    """Put three products into `gifts` by way of `tea`, which stands under it."""
    listed: list[dict[str, Any]] = shop.call("GET", "/v1/products?limit=3").get_json()["data"]
    tea = {"handle": "tea", "title": "Tea", "parent": "gifts", "products": [product["id"] for product in listed]}
    draft = {"default": "include", "rules": [], "collections": [{"handle": "gifts", "title": "Gifts"}, tea]}
    assert shop.call("PUT", "/v1/curation", draft).status_code == 200
    assert shop.call("POST", "/v1/curation/publish", {}).status_code == 201

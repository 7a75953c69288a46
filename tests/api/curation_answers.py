"""A sample of what curation answers: every operation answered well, and refusals."""

from collections.abc import Iterator

from werkzeug.test import TestResponse

from tests.shop import Shop

Answered = tuple[str, str, TestResponse]


def curation_answers(shop: Shop) -> Iterator[Answered]:
    """Method, path of the description, answer."""
    rules = [{"name": "Dear", "when": {"price": {"min": 6000}}, "action": "exclude", "tags": ["dear"]}]
    draft = {"default": "include", "rules": rules, "collections": [{"handle": "all", "title": "All"}]}
    product_id = shop.product()["id"]
    yield "put", "/v1/curation", shop.call("PUT", "/v1/curation", draft)
    yield "put", "/v1/curation", shop.call("PUT", "/v1/curation", {"rules": [{}]})
    yield "get", "/v1/curation", shop.call("GET", "/v1/curation")
    yield from _collections(shop)
    yield from _overrides(shop, product_id)
    yield "post", "/v1/curation/preview", shop.call("POST", "/v1/curation/preview", {})
    yield "post", "/v1/curation/publish", shop.call("POST", "/v1/curation/publish", {"note": "One"})
    yield "put", "/v1/curation", shop.call("PUT", "/v1/curation", {**draft, "default": "exclude"})
    yield from _versions(shop)


def _collections(shop: Shop) -> Iterator[Answered]:
    one = {"handle": "one", "title": "One", "when": {"always": True}}
    path = "/v1/collections/{handle}"
    yield "post", "/v1/collections", shop.call("POST", "/v1/collections", {**one, "parent": "all"})
    yield "post", "/v1/collections", shop.call("POST", "/v1/collections", one)
    yield "patch", path, shop.call("PATCH", "/v1/collections/one", {"limit": 3, "description": "Three"})
    yield "delete", path, shop.call("DELETE", "/v1/collections/all")
    yield "delete", path, shop.call("DELETE", "/v1/collections/one")


def _overrides(shop: Shop, product_id: str) -> Iterator[Answered]:
    path, whole = "/v1/products/{product_id}/override", f"/v1/products/{product_id}/override"
    yield "get", path, shop.call("GET", whole)
    yield "put", path, shop.call("PUT", whole, {"title": "Ours", "featured_rank": 1, "images": ["x"]})
    yield "get", path, shop.call("GET", whole)
    yield "get", "/v1/overrides", shop.call("GET", "/v1/overrides?stale=false")
    yield "delete", path, shop.call("DELETE", whole)
    yield "delete", path, shop.call("DELETE", whole)
    yield "put", path, shop.call("PUT", whole, {"hidden": True})


def _versions(shop: Shop) -> Iterator[Answered]:
    path = "/v1/curation/versions"
    yield "get", path, shop.call("GET", path)
    yield "get", path + "/{version}", shop.call("GET", f"{path}/1")
    yield "get", path + "/{version}", shop.call("GET", f"{path}/2")
    yield "get", path + "/{version}/compare", shop.call("GET", f"{path}/1/compare")
    yield "post", path + "/{version}/restore", shop.call("POST", f"{path}/1/restore")

"""Crawls of lists, page after page."""

from itertools import count

from .partner import Json, Partner


def crawl(partner: Partner, path: str = "/v1/products", per_page: int = 100, /, **params: str) -> list[Json]:
    """Return all items of a list, which must not change meanwhile."""
    found: list[Json] = []
    for page in count(1):
        listed = partner.get(path, page=page, per_page=per_page, **params)
        found += listed["data"]
        if not listed["data"]:
            assert len(found) == listed["list_meta"]["total_count"]
            return found
    raise AssertionError


def ids(items: list[Json]) -> list[str]:
    """Return the ids of items, in their order."""
    return [item["id"] for item in items]

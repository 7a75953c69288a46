"""Walking a listing from its first page to its last."""

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from foundation.errors import GoodyUnreadableError
from foundation.goody.pages import Page

T = TypeVar("T")

MOST_PAGES: Final = 10_000
"""A million items: past that the other side repeats itself, and walking on would never end."""


def walk(read_page: Callable[[int], Page[T]]) -> Iterator[T]:
    """Every item of every page, page 1 first, until a page is empty. Broken items are passed over.

    Raises what reading raises, and GoodyUnreadableError when there is no end to it.
    """
    for number in range(1, MOST_PAGES + 1):
        page = read_page(number)
        yield from page.items
        if not page.items and not page.broken:
            return
    raise GoodyUnreadableError(f"Goody's listing did not end after {MOST_PAGES} pages.")

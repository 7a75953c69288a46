"""Walking a listing from its first page to its last."""

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from foundation.errors import GoodyUnreadableError
from foundation.goody.pages import Page

T = TypeVar("T")

MOST_PAGES: Final = 10_000
"""A million items: past that the other side repeats itself, and walking on would never end."""
MOST_EMPTY: Final = 2
"""Empty pages that are passed over while Goody's count says that more must come: items leave a list meanwhile, too."""


def walk(read_page: Callable[[int], Page[T]], *, is_whole: bool = True) -> Iterator[T]:
    """Every item of every page, page 1 first, until a page is empty and nothing is missing by Goody's own count.

    Raises what reading raises, and GoodyUnreadableError when there is no end to it, or when an item can't be read:
    what is looked for may be the unreadable one. With `is_whole=False` such items are passed over.
    """
    seen = empty = 0
    for number in range(1, MOST_PAGES + 1):
        page = read_page(number)
        if page.broken and is_whole:
            raise GoodyUnreadableError(f"An item of Goody's listing can't be read: {page.broken[0].reason}")
        yield from page.items
        here = len(page.items) + len(page.broken)
        seen, empty = seen + here, 0 if here else empty + 1
        if empty and (seen >= (page.total_count or 0) or empty > MOST_EMPTY):
            return
    raise GoodyUnreadableError(f"Goody's listing did not end after {MOST_PAGES} pages.")

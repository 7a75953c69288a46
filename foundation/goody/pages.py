"""A page of a listing: what could be read, what could not, and how many Goody says there are in all."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sent(Generic[T]):
    """A value beside the bytes that Goody sent it as, which the catalog keeps and hashes."""

    raw: bytes = field(repr=False)
    value: T


@dataclass(frozen=True, slots=True)
class BrokenItem:
    """An item of a page that can't be read: its id where that much is clear, and what is wrong with it."""

    id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page. `total_count` is over all pages, None when Goody does not say."""

    items: tuple[T, ...]
    total_count: int | None = None
    broken: tuple[BrokenItem, ...] = ()
    retries: int = 0
    """How often it had to be asked for again."""

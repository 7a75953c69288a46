"""Work in pieces, so that no transaction is long."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

CHUNK: Final = 250
"""Rows per transaction: SQLite's one writer is free again after some milliseconds."""


def chunks(things: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """The things in their order, in sequences of at most so many."""
    return (things[start : start + size] for start in range(0, len(things), size))

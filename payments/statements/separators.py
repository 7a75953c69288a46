"""What parts the fields of a CSV file, told from its first lines."""

import csv
from collections.abc import Iterable, Sequence
from typing import Final

SEPARATORS: Final = (",", ";", "\t", "|")
HINT: Final = "sep="
"""What some spreadsheets put into the first line to say it."""


def separator_of(lines: Sequence[str], known_names: Iterable[str]) -> str:
    """The separator with which a line shows the most names that a statement's header has; else the most fields."""
    if lines and lines[0].lower().startswith(HINT):
        return lines[0].rstrip("\r\n")[len(HINT) :][:1] or ","
    known = set(known_names)

    def promise(separator: str) -> tuple[int, int]:
        rows = [row for row in csv.reader(lines, delimiter=separator) if row]
        named = max((sum(plain_name(cell) in known for cell in row) for row in rows), default=0)
        return named, max((len(row) for row in rows), default=0)

    return max(SEPARATORS, key=promise)


def plain_name(name: str) -> str:
    """A column's name as names are compared: `Order ID`, `order_id` and `Order Id ` are one."""
    return " ".join("".join(sign if sign.isalnum() else " " for sign in name.lower()).split())

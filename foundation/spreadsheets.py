"""Tables as CSV (RFC 4180) that a spreadsheet may open: no text of anybody's becomes a formula in it."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from typing import Final

from foundation.money import Cents

MEDIA_TYPE: Final = "text/csv"
_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}")
"""What spreadsheets take for the beginning of one (OWASP, CSV injection)."""

Cell = str | int | Decimal | None


def dollars(amount: Cents | None) -> Decimal | None:
    """US cents as dollars: `-1250` is written as -12.50."""
    return None if amount is None else Decimal(amount).scaleb(-2)


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """The table. Numbers are written as such; texts that could be formulas begin with an apostrophe."""
    return "".join(csv_lines(header, rows))


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The same line by line."""
    for row in chain([header], rows):
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerow([_shown(cell) for cell in row])
        yield text.getvalue()


def harmless(text: str) -> str:
    """A text that no spreadsheet runs: one that looks like a formula gets an apostrophe before it."""
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS_A_FORMULA) else text


def _shown(cell: Cell) -> str:
    if not isinstance(cell, str):
        return "" if cell is None else f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    return harmless(cell)

"""Tables as CSV (RFC 4180) that a spreadsheet may open: no text of anybody's becomes a formula in it."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
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
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_shown(cell) for cell in row] for row in rows)
    return text.getvalue()


def _shown(cell: Cell) -> str:
    if not isinstance(cell, str):
        return "" if cell is None else f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell

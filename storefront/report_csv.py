"""Reports and journals as CSV that a spreadsheet opens without doing anything else."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

from payments.ledger.exporting import harmless
from payments.revenue_share.reports import AGED, Report, Row

COLUMNS: Final = ("orders", "base", "earned", "refunded", "adjusted", "received", "outstanding")


def report_as_csv(report: Report) -> str:
    """A row for each group, and one for the totals; US cents."""
    rows = [*report.rows, report.totals]
    header = [report.group_by.value, *COLUMNS, *AGED]
    return "".join(csv_lines(header, (_cells(row, is_total=row is report.totals) for row in rows)))


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """CSV after RFC 4180, line by line; no cell of text can be taken for a formula."""
    for row in chain([header], rows):
        text = io.StringIO()
        csv.writer(text).writerow([harmless(cell) for cell in row])
        yield text.getvalue()


def _cells(row: Row, *, is_total: bool) -> list[Any]:
    name = "total" if is_total else row.key or "not attributed"
    return [name, *(getattr(row, column) for column in COLUMNS), *row.aged.values()]

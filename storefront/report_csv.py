"""Reports as CSV."""

from typing import Final

from foundation.spreadsheets import Cell, write_csv
from payments.revenue_share.reports import AGED, Report, Row

COLUMNS: Final = ("orders", "base", "earned", "refunded", "adjusted", "received", "outstanding")
LATER: Final = ("name", "awaiting_payment", "outstanding_unpaid")
"""Behind the others: whoever reads columns by their place goes on finding them."""


def report_as_csv(report: Report) -> str:
    """A row for each group, and one for the totals; US cents."""
    rows = [*report.rows, report.totals]
    header = [report.group_by.value, *COLUMNS, *AGED, *LATER]
    return write_csv(header, (_cells(row, is_total=row is report.totals) for row in rows))


def _cells(row: Row, *, is_total: bool) -> list[Cell]:
    name = "total" if is_total else row.key or "not attributed"
    values = (getattr(row, column) for column in COLUMNS)
    return [name, *values, *row.aged.values(), *(getattr(row, column) for column in LATER)]

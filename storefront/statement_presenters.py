"""Statements and what came of matching them, as the REST API and the command line show them."""

from typing import Any

from foundation.money import CURRENCY
from payments.statements.importing import Imported
from payments.statements.tables import StatementFile


def present_import(imported: Imported) -> dict[str, Any]:
    """What an import came to, or would come to."""
    shown = present_statement(imported.statement)
    return {**shown, "id": shown["id"] or None, "is_new": imported.is_new, "is_dry_run": imported.is_dry_run}


def present_statement(statement: StatementFile) -> dict[str, Any]:
    """A statement, with its first bad lines."""
    counts = statement.counts
    return {
        "id": statement.id,
        "source": statement.source,
        "account": statement.account,
        "status": statement.status,
        "form": statement.form,
        "period_start": statement.period_start,
        "period_end": statement.period_end,
        "currency": CURRENCY,
        "opening_balance": statement.opening_balance,
        "closing_balance": statement.closing_balance,
        "sum_of_rows": statement.sum_of_rows,
        "is_whole": statement.is_whole,
        "rows": counts["rows"],
        "rows_new": counts.get("new", 0),
        "rows_known": counts.get("known", 0),
        "rows_revised": counts.get("revised", 0),
        "rows_withdrawn": counts.get("withdrawn", 0),
        "rows_bad": counts["bad"],
        "rows_by_kind": counts["by_kind"],
        "problems": statement.problems,
        "imported_at": statement.imported_at,
        "imported_by": statement.imported_by,
    }

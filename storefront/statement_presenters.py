"""Statements and what came of matching them, as the REST API and the command line show them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from foundation.money import CURRENCY
from foundation.spreadsheets import Cell, dollars, write_csv
from payments.reconciliation.tables import Discrepancy, ReconciliationRow
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


def present_reconciliation(run: ReconciliationRow) -> dict[str, Any]:
    """A run over a period: what matched by which rule, what did not agree, what became of earlier discrepancies."""
    counts = run.counts
    return {
        "id": run.id,
        "status": _status(run),
        "error": run.error,
        "from": run.period_from,
        "to": run.period_to,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "started_by": run.started_by,
        "lines": counts.get("lines", 0),
        "orders": counts.get("orders", 0),
        "lines_waiting": counts.get("waiting", 0),
        "matches": counts.get("matches", {}),
        "matches_new": counts.get("matches_new", 0),
        "matches_undone": counts.get("matches_undone", 0),
        "refunds_learnt": counts.get("refunds_learnt", 0),
        "findings": counts.get("findings", {}),
        "discrepancies_opened": counts.get("discrepancies_opened", 0),
        "discrepancies_resolved": counts.get("discrepancies_resolved", 0),
    }


def _status(run: ReconciliationRow) -> str:
    if run.error is not None:
        return "failed"
    return "running" if run.finished_at is None else "finished"


def present_discrepancy(found: Discrepancy, now: datetime) -> dict[str, Any]:
    """Something that does not agree. Its age is in days, from when it happened until it was settled, or until now."""
    until = found.resolved_at or now
    return {
        "id": found.id,
        "type": found.type,
        "status": found.status,
        "currency": CURRENCY,
        "amount": found.amount,
        "expected": found.expected,
        "found": found.found,
        "order_id": found.order_id,
        "explanation": found.explanation,
        "evidence": found.evidence,
        "notes": found.notes,
        "ledger_entries": found.entries,
        "age_days": max((until - found.occurred_at).days, 0),
        "occurred_at": found.occurred_at,
        "opened_at": found.opened_at,
        "updated_at": found.updated_at,
        "resolved_at": found.resolved_at,
    }


CSV_HEADER: Final = (
    "id", "type", "status", "occurred_on", "age_days", "amount", "expected", "found", "order_id", "transaction_id",
    "order_reference", "description", "explanation", "last_note",
)  # fmt: skip


def discrepancies_csv(found: Sequence[Discrepancy], now: datetime) -> str:
    """Discrepancies as a table; amounts in dollars."""
    return write_csv(CSV_HEADER, [_csv_row(each, now) for each in found])


def _csv_row(found: Discrepancy, now: datetime) -> Sequence[Cell]:
    row = found.evidence.get("statement_row", {})
    return (
        found.id,
        found.type,
        found.status,
        f"{found.occurred_at:%Y-%m-%d}",
        max(((found.resolved_at or now) - found.occurred_at).days, 0),
        dollars(found.amount),
        dollars(found.expected),
        dollars(found.found),
        found.order_id or row.get("order_id"),
        row.get("transaction_id"),
        row.get("order_reference"),
        row.get("description"),
        found.explanation,
        found.notes[-1]["note"] if found.notes else None,
    )

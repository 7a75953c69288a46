"""Statements' lines, read for matching, and of which time they tell."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from foundation.database import Session
from payments.reconciliation.books import parts
from payments.reconciliation.values import Coverage, Line
from payments.statements.importing import IMPORTED
from payments.statements.kinds import Account, Kind
from payments.statements.tables import StatementFile, StatementRow

_COLUMNS = (
    StatementRow.id, StatementRow.account, StatementRow.kind, StatementRow.amount, StatementRow.moment,
    StatementRow.occurrence, StatementRow.order_id, StatementRow.order_reference, StatementRow.customer_reference,
    StatementRow.transaction_id, StatementRow.payout_id,
)  # fmt: skip


def lines_since(session: Session, app_id: str, since: datetime, kind: Kind | None = None) -> list[Line]:
    """The lines that hold, of that time on; all of them, or those of one kind."""
    which = [] if kind is None else [StatementRow.kind == kind]
    return [*_lines(session, app_id, StatementRow.moment >= since, *which)]


def lines_of(session: Session, app_id: str, names: Collection[str], before: datetime) -> list[Line]:
    """Earlier lines that hold, of orders with these ids or reference ids."""
    found: dict[int, Line] = {}
    for part in parts(sorted(names)):
        for column in (StatementRow.order_id, StatementRow.order_reference):
            earlier = _lines(session, app_id, column.in_(part), StatementRow.moment < before)
            found.update((line.id, line) for line in earlier)
    return [*found.values()]


def payouts_of(session: Session, app_id: str) -> list[datetime]:
    """When payouts were made, by their first lines."""
    first = (
        sa.select(sa.func.min(StatementRow.moment))
        .where(
            StatementRow.app_id == app_id,
            StatementRow.account == Account.PAYOUTS,
            StatementRow.gone_by.is_(None),
            StatementRow.payout_id != "",
        )
        .group_by(StatementRow.payout_id)
    )
    return [moment for moment in session.scalars(first) if moment is not None]


def coverage_of(session: Session, app_id: str) -> dict[Account, Coverage]:
    """Of which time the statements imported so far tell, by account."""
    periods: dict[Account, list[tuple[datetime, datetime]]] = {account: [] for account in Account}
    for file in statements_of(session, app_id):
        if file.period_start is not None and file.period_end is not None:
            periods[Account(file.account)].append((file.period_start, file.period_end))
    return {account: Coverage.of(each) for account, each in periods.items()}


def statements_of(session: Session, app_id: str) -> list[StatementFile]:
    """The app's statements, as they were imported."""
    mine = sa.select(StatementFile).where(StatementFile.app_id == app_id, StatementFile.status == IMPORTED)
    return [*session.scalars(mine.order_by(StatementFile.imported_at, StatementFile.id))]


def _lines(session: Session, app_id: str, *which: Any) -> Iterator[Line]:  # noqa: ANN401  conditions
    mine = sa.select(*_COLUMNS).where(StatementRow.app_id == app_id, StatementRow.gone_by.is_(None), *which)
    for row in session.execute(mine.order_by(StatementRow.moment, StatementRow.id)):
        number, account, kind, *rest = row
        yield Line(number, Account(account), Kind(kind), *rest)

"""The state of orders and of Goody's messages in a few numbers: for metrics."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from foundation.database import Session
from payments.reconciliation.tables import Discrepancy, ReconciliationRow
from payments.tables import OrderBatch, WebhookMessage

ByApp = dict[tuple[str, str], int]
"""How many, by app and state."""


@dataclass(frozen=True, slots=True)
class PaymentFigures:
    """Order batches by `submission_status`, webhook messages by state, discrepancies by status."""

    submissions: ByApp
    messages: ByApp
    discrepancies: ByApp
    reconciled_at: dict[str, datetime]
    """When each app's statements were last begun to be reconciled."""


def read_figures(session: Session) -> PaymentFigures:
    """The figures of every app that has any. Counts whole tables, by an index: not for every request."""
    return PaymentFigures(
        submissions=_count(session, OrderBatch.app_id, OrderBatch.submission_status),
        messages=_count(session, WebhookMessage.app_id, WebhookMessage.state),
        discrepancies=_count(session, Discrepancy.app_id, Discrepancy.status),
        reconciled_at=dict(_last_runs(session)),
    )


def _last_runs(session: Session) -> Iterator[tuple[str, datetime]]:
    row = ReconciliationRow
    newest = sa.select(row.app_id, sa.func.max(row.started_at)).group_by(row.app_id)
    yield from ((app_id, moment) for app_id, moment in session.execute(newest))


def _count(session: Session, app_id: InstrumentedAttribute[str], state: InstrumentedAttribute[str]) -> ByApp:
    counted = sa.select(app_id, state, sa.func.count()).group_by(app_id, state)
    return {(app, found): number for app, found, number in session.execute(counted)}

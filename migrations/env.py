"""What Alembic runs. The connection comes from storefront.migrating; SQLite changes tables by copying them (batch)."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

import catalog_sync.search as search_tables
import catalog_sync.tables as catalog_tables
import foundation.apps as app_tables
import foundation.events as event_tables
import foundation.leases as lease_tables
import payments.ledger.tables as ledger_tables
import payments.reconciliation.tables as reconciliation_tables
import payments.revenue_share.tables as share_tables
import payments.statements.tables as statement_tables
import payments.tables as payment_tables
import storefront.checkout.tables as checkout_tables
import storefront.idempotency as idempotency_tables
from foundation.database import Base, UtcDateTime

# Importing these is what registers their tables with Base.
OWNERS = (
    app_tables,
    catalog_tables,
    checkout_tables,
    event_tables,
    idempotency_tables,
    lease_tables,
    ledger_tables,
    payment_tables,
    reconciliation_tables,
    search_tables,
    statement_tables,
    share_tables,
)


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:  # noqa: ANN401  Alembic's own signature
    """Write our own types down as the plain ones behind them: a migration must not change when they do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the full text index, which no metadata can describe: its migration is written by hand."""
    return kind != "table" or not search_tables.is_internal(name or "")


def run() -> None:
    """Migrate over the connection given, in one transaction."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        include_name=include_name,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


run()

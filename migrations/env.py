"""What Alembic runs. The connection comes from storefront.migrating; SQLite changes tables by copying them (batch)."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

# Importing the tables is what registers them.
import storefront.checkout.tables
import storefront.idempotency  # noqa: F401
from foundation.database import Base, UtcDateTime


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:  # noqa: ANN401  Alembic's own signature
    """Write our own types down as the plain ones behind them: a migration must not change when they do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Migrate over the connection given, in one transaction."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


run()

"""Every amount of an order, followed to where it came from: terms, entries, and who told of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from foundation.database import Session, Sessions
from foundation.errors import NotFoundError
from payments.ledger.accounts import Account
from payments.ledger.balances import order_balances
from payments.ledger.queries import EntryFilter, WholeEntry, find_entries
from payments.lifecycle import PAYABLE
from payments.revenue_share.names import names_in
from payments.revenue_share.reports import PAID_BY_SHOPPER
from payments.revenue_share.tables import OrderShare, RevenueShareTerms
from payments.statements.tables import StatementRow
from payments.tables import Order, WebhookMessage

MOST_ENTRIES = 1000
ROW: Final = "statement_row:"
"""What references to statements' lines begin with."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """An order with its share and all that was posted about it."""

    order: Order
    share: OrderShare | None
    terms: RevenueShareTerms | None
    entries: Sequence[WholeEntry]
    webhooks: Mapping[str, WebhookMessage]
    """The messages that entries rest on, by svix-id."""
    statement_rows: Mapping[str, StatementRow]
    """The statements' lines that entries rest on, by the reference that entries have of them."""
    balances: Mapping[Account, int]
    names: Mapping[str, str]
    """What its products and brands are called, by id."""

    @property
    def is_unpaid(self) -> bool:
        """Whether it waits for its shopper's payment."""
        return self.order.status in PAYABLE and self.order.payment_mode in PAID_BY_SHOPPER


class Explanations:
    """Explains orders."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def explain(self, app_id: str | None, order_id: str) -> Explanation:
        """The order of this id; of any app for an operator (None). NotFoundError if there is none."""
        with self._sessions.read() as session:
            order = session.get(Order, order_id)
            if order is None or app_id not in {None, order.app_id}:
                raise NotFoundError(f"There is no order {order_id}.")
            share = session.get(OrderShare, order_id)
            terms_id = None if share is None else share.terms_id
            entries = find_entries(session, order.app_id, EntryFilter(order_id=order_id, limit=MOST_ENTRIES))
            return Explanation(
                order=order,
                share=share,
                terms=None if terms_id is None else session.get(RevenueShareTerms, terms_id),
                entries=entries,
                webhooks=_webhooks(session, order.app_id, entries),
                statement_rows=_statement_rows(session, order.app_id, entries),
                balances=order_balances(session, order.app_id, order_id),
                names=names_in(session, [order_id]),
            )


def _webhooks(session: Session, app_id: str, entries: Sequence[WholeEntry]) -> dict[str, WebhookMessage]:
    named = {whole.entry.reference for whole in entries} - {None}
    messages = sa.select(WebhookMessage).where(WebhookMessage.app_id == app_id, WebhookMessage.svix_id.in_(named))
    return {message.svix_id: message for message in session.scalars(messages)}


def _statement_rows(session: Session, app_id: str, entries: Sequence[WholeEntry]) -> dict[str, StatementRow]:
    named = {whole.entry.reference or "" for whole in entries}
    ids = [int(name.removeprefix(ROW)) for name in named if name.startswith(ROW)]
    rows = sa.select(StatementRow).where(StatementRow.app_id == app_id, StatementRow.id.in_(ids))
    return {f"{ROW}{row.id}": row for row in session.scalars(rows)}

"""Revenue shares: one for each order that is paid, taken back in part or whole when it is refunded."""

import uuid
from typing import Any, Final

import msgspec

from goody_emulator.money.stored_value import REVENUE_SHARE, REVENUE_SHARE_REVERSAL, StoredValue
from goody_emulator.money.terms import TermsBook
from goody_emulator.orders.pricing import BrandCost, revenue_share
from goody_emulator.orders.validation import STORED_VALUE
from goody_emulator.state.store import Row, Store

BY_STORED_VALUE: Final = "stored_value"
"""Credited to the balance at once."""
BY_BANK_TRANSFER: Final = "bank_transfer"
"""Recorded, and paid with the next payout."""


class Shares:
    """The revenue shares of all orders. Everything that writes is to be called inside a transaction of the store."""

    def __init__(self, store: Store, stored_value: StoredValue, terms: TermsBook) -> None:
        self._store = store
        self._stored_value = stored_value
        self._terms = terms

    def earn(self, order: Row, batch: Row) -> None:
        """Record the share of an order that has just been paid, by the terms of the moment it was accepted at."""
        terms = self._terms.at(order["app_id"], order["accepted_at"] or self._store.clock.now())
        brands = msgspec.json.decode(order["brand_costs"], type=list[BrandCost])
        base_amount = terms.base_amount(brands, order["amount_credit_applied"])
        self._record(
            order,
            {
                "kind": REVENUE_SHARE,
                "settled_by": BY_STORED_VALUE if batch["payment_method_id"] == STORED_VALUE else BY_BANK_TRANSFER,
                "bps": terms.bps,
                "base": terms.base.value,
                "base_amount": base_amount,
                "excluded_amount": terms.excluded_amount(brands),
                "amount": revenue_share(base_amount, terms.bps),
            },
        )

    def claw_back(self, order: Row, refunded: int, charged: int) -> None:
        """Take back what of an order's share belongs to its refunds, which are so many cents by now in all."""
        entries = self.of_order(order["id"])
        if not entries:
            return
        share = entries[0]
        kept = sum(entry["amount"] for entry in entries)
        due_back = part_of(share["amount"], refunded, charged) - (share["amount"] - kept)
        if due_back == 0:
            return
        explained = {name: share[name] for name in ("settled_by", "bps", "base", "base_amount", "excluded_amount")}
        self._record(order, {**explained, "kind": REVENUE_SHARE_REVERSAL, "amount": -due_back, "of_refunds": refunded})

    def of_order(self, order_id: str) -> list[Row]:
        """Return the share of an order, then its reversals."""
        return self._store.rows("SELECT * FROM revenue_shares WHERE order_id = ? ORDER BY seq", order_id)

    def of_app(self, app_id: str | None) -> list[Row]:
        """Return the shares and reversals of an app, or of all apps, oldest first."""
        query = "SELECT * FROM revenue_shares WHERE app_id = coalesce(?, app_id) ORDER BY seq"
        return self._store.rows(query, app_id)

    def of_payout(self, payout_id: str) -> list[Row]:
        """Return the shares and reversals a payout consists of."""
        return self._store.rows("SELECT * FROM revenue_shares WHERE payout_id = ? ORDER BY seq", payout_id)

    def _record(self, order: Row, entry: dict[str, Any]) -> None:
        self._store.insert(
            "revenue_shares",
            {
                "id": str(uuid.uuid4()),
                "app_id": order["app_id"],
                "order_id": order["id"],
                "created_at": self._store.clock.now(),
                **entry,
            },
        )
        if entry["settled_by"] == BY_STORED_VALUE:
            self._stored_value.share(order, entry["kind"], entry["amount"])


def part_of(share: int, refunded: int, charged: int) -> int:
    """Return what of a share goes back when so much of a charge does, in cents; half a cent is rounded up.

    That a partial refund takes the share back in proportion is a guess: Goody says nothing of it.
    """
    return share if refunded >= charged else (2 * share * refunded + charged) // (2 * charged)

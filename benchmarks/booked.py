"""Orders as if a shop had sold them, written into its tables and its ledger at once, and the statement about them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa

from foundation.database import table_of
from foundation.spreadsheets import dollars, write_csv
from payments.ledger.accounts import Account
from payments.ledger.bulk import post_all
from payments.ledger.entries import Because, Kind, NewEntry, Origin, Posting
from payments.lifecycle import Status
from payments.revenue_share.share_states import ShareState
from payments.revenue_share.tables import OrderShare
from payments.tables import Order, OrderBatch, OrderStep
from storefront.services import Services

BEGAN: Final = datetime(2026, 11, 1, tzinfo=UTC)
MINUTES: Final = 30 * 24 * 60
CHUNK: Final = 1000
HEADER: Final = (
    "date", "id", "type", "order_id", "order_reference_id", "customer_reference_id", "description", "amount",
    "balance",
)  # fmt: skip
BECAUSE: Final = Because(Origin.ACTIVITY, "system", "A benchmark says so.")


def sell(services: Services, app_id: str, count: int) -> None:
    """Write so many orders, paid from the balance within thirty days, each with its charge and its share booked."""
    numbers = iter(range(count))
    while some := [*islice(numbers, CHUNK)]:
        orders = [_order(app_id, number, count) for number in some]
        with services.sessions.begin() as session:
            session.execute(sa.insert(table_of(OrderBatch)), [_batch(order) for order in orders])
            session.execute(sa.insert(table_of(Order)), orders)
            session.execute(sa.insert(table_of(OrderStep)), [_step(order) for order in orders])
            session.execute(sa.insert(table_of(OrderShare)), [_share(order) for order in orders])
            entries = [entry for order in orders for entry in _entries(order)]
            post_all(session, app_id, entries, BEGAN + timedelta(days=60))


def await_payment(services: Services, app_id: str, order_ids: Sequence[str]) -> None:
    """Write orders that were accepted and that their shopper has not paid; what is booked of them is there already."""
    sold = [_order(app_id, number, len(order_ids)) for number in range(len(order_ids))]
    waiting = {"status": Status.PENDING_PAYMENT, "supplier_status": "pending_payment", "payment_mode": "card"}
    orders = [{**order, **waiting, "id": order_id} for order, order_id in zip(sold, order_ids, strict=True)]
    with services.sessions.begin() as session:
        session.execute(sa.insert(table_of(OrderBatch)), [_batch(order) for order in orders])
        session.execute(sa.insert(table_of(Order)), orders)


def statement(app_id: str, count: int) -> bytes:
    """What Goody would send: a charge and a share for each order."""
    lines = (line for number in range(count) for line in _lines(_order(app_id, number, count)))
    return write_csv(HEADER, lines).encode()


def _lines(order: dict[str, Any]) -> Iterator[Sequence[Any]]:
    date = order["created_at"].isoformat()
    for kind, amount in (("charge", -_cost(order)), ("revenue_share", _earned(order))):
        yield date, f"{kind}-{order['id']}", kind, order["id"], order["reference_id"], "", "", dollars(amount), None


def _cost(order: dict[str, Any]) -> int:
    return int(order["amounts"]["amount_total"])


def _earned(order: dict[str, Any]) -> int:
    return int(order["amounts"]["amount_product"]) * 15 // 100


def _order(app_id: str, number: int, count: int) -> dict[str, Any]:
    goods = 2000 + number % 7919
    made = BEGAN + timedelta(minutes=number * MINUTES // count)
    return {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "app_id": app_id,
        "order_batch_id": f"ob_{app_id[-8:]}{number:012}",
        "payment_mode": "stored_value",
        "status": Status.DELIVERED,
        "supplier_status": "delivered",
        "reference_id": f"R{number:09}",
        "recipient_first_name": "Li",
        "individual_gift_link": "",
        "cart": {"items": []},
        "amounts": {"amount_product": goods, "amount_total": goods + 1100, "amount_credit_applied": 0},
        "shipments": [],
        "is_swapped": False,
        "is_unbooked": False,
        "created_at": made,
        "updated_at": made,
    }


def _batch(order: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": order["order_batch_id"],
        "checkout_id": f"chk_{order['order_batch_id']}",
        "lines": [],
        "quote": {},
        "recipients_count": 1,
        "expected_high": 0,
        "warnings": [],
        "payload": "{}",
        "submission_status": "submitted",
        "attempt": 1,
        "may_exist": True,
        "next_attempt_at": order["created_at"],
        "send_status": "complete",
        "completed_at": order["created_at"],
    }
    return {**values, **{name: order[name] for name in ("app_id", "payment_mode", "created_at")}}


def _step(order: dict[str, Any]) -> dict[str, Any]:
    return {
        "app_id": order["app_id"],
        "order_id": order["id"],
        "key": Status.PAID,
        "step": Status.PAID,
        "status": Status.PAID,
        "source": "activity",
        "is_told": True,
        "is_late": False,
        "happened_at": order["created_at"],
        "recorded_at": order["created_at"],
        "details": {},
    }


def _share(order: dict[str, Any]) -> dict[str, Any]:
    return {
        "order_id": order["id"],
        "app_id": order["app_id"],
        "state": ShareState.ACCRUED,
        "accepted_at": order["created_at"],
        "items": [],
        "lines": [],
        "kept": [],
        "charged": _cost(order),
        "refunded": 0,
        "revision": 2,
        "tries": 0,
        "updated_at": order["created_at"],
    }


def _entries(order: dict[str, Any]) -> Iterator[NewEntry]:
    earned = Posting(Account.SHARE_RECEIVABLE, _earned(order), "brand", "product", 0)
    income = Posting(Account.SHARE_INCOME, -_earned(order), "brand", "product", 0)
    charge = [Posting(Account.ORDER_COST, _cost(order)), Posting(Account.STORED_VALUE, -_cost(order))]
    for number, (kind, sides) in enumerate(((Kind.ORDER_CHARGED, charge), (Kind.SHARE_ACCRUED, [earned, income]))):
        yield NewEntry(
            app_id=order["app_id"],
            kind=kind,
            source=f"order:{order['id']}:{number}",
            occurred_at=order["created_at"],
            postings=sides,
            because=BECAUSE,
            order_id=order["id"],
            payment_mode="stored_value",
        )

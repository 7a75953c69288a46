"""What a stored value sale settles at: the partner captured by the quote, Goody charges the final price. Pure."""

from typing import Any

from payments.lifecycle import Status
from payments.modes import PaymentMode
from payments.tables import Order


def captured_part(amount: int | None, recipients: int, position: int) -> int | None:
    """One order's part of what was captured, in US cents: parts differ by a cent at most and sum up to the amount."""
    if amount is None:
        return None
    whole, odd = divmod(amount, recipients)
    return whole + (1 if position < odd else 0)


def settlement(order: Order) -> dict[str, Any] | None:
    """`captured`, `final`, `release` and `shortfall` of a stored value order, in US cents; None for other modes.

    `final` is what Goody charges; `release` is what to give back to the customer, `shortfall` what is missing. Null
    where it is not known yet.
    """
    if order.payment_mode != PaymentMode.STORED_VALUE:
        return None
    captured, final = order.captured, final_cost(order)
    if captured is None or final is None:
        return {"captured": captured, "final": final, "release": None, "shortfall": None}
    return {
        "captured": captured,
        "final": final,
        "release": max(captured - final, 0),
        "shortfall": max(final - captured, 0),
    }


def final_cost(order: Order) -> int | None:
    """What Goody charges: the total less credit applied; nothing if cancelled; None until accepted. US cents."""
    if order.status == Status.CANCELED:
        return 0
    total = order.amounts.get("amount_total")
    return None if total is None else int(total) - int(order.amounts.get("amount_credit_applied") or 0)

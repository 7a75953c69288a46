"""The two ways to be paid, each walked through once."""

import time
from typing import Any

from foundation.money import show
from storefront.demo.processes import DemoError
from storefront.demo.sale import Sale


def sell_by_hosted_payment(sale: Sale) -> dict[str, Any]:
    """The shopper pays on Goody's page, behind the payment link that appears at acceptance."""
    started = time.monotonic()
    checkout = sale.check_out(sale.partner.shop, sale.browse(price_min="2500"))
    sale.complete(sale.partner.shopper(checkout["client_secret"]), checkout)
    sale.open()
    event = sale.timed("payment_link", lambda: sale.world.accept(sale.order_id), "order.payment_link_ready")
    link = sale.result["payment_link"] = event["data"]["payment_link"]
    sale.say("accepted   by Li, with an address in New York: tax and total are final now")
    sale.say(
        f"pay link   {link}  (event order.payment_link_ready reached the partner "
        f"{sale.seconds['payment_link']:.2f} s after acceptance)"
    )
    sale.timed("paid", lambda: sale.world.step(sale.order_id, "pay"), "order.paid")
    sale.say(
        f"paid       by Ana; no webhook says so: learnt from Goody's order activities in {sale.seconds['paid']:.2f} s"
    )
    return _delivered(sale, started)


def sell_by_stored_value(sale: Sale) -> dict[str, Any]:
    """The partner charges its customer by itself; Goody takes the cost from the balance and credits the share."""
    started, backend = time.monotonic(), sale.partner.backend
    before = backend.get("/v1/stored_value")
    checkout = sale.check_out(backend, sale.browse(price_min="4000"), payment_mode="stored_value")
    captured = checkout["quote"]["total"]["total_high"]
    sale.say(f"capture    the partner charges Ana {show(captured)} by itself, the most that it may cost")
    sale.complete(backend, checkout, payment_reference="capture-42", payment_amount=captured)
    committed = backend.get("/v1/stored_value")
    sale.say(
        f"balance    {show(committed['balance'])} at Goody, of which {show(committed['commitments'])} are spoken for "
        "until Li accepts"
    )
    sale.open()
    sale.timed("paid", lambda: sale.world.accept(sale.order_id), "order.paid")
    sale.say(f"accepted   by Li and paid from the balance, known {sale.seconds['paid']:.2f} s later")
    result = _delivered(sale, started)
    return result | _account(sale, before["balance"], result["amounts"]["amount_total"])


def _delivered(sale: Sale, started: float) -> dict[str, Any]:
    sale.carry()
    sale.close()
    sale.seconds["total"] = round(time.monotonic() - started, 3)
    return sale.result


def _account(sale: Sale, before: int, cost: int) -> dict[str, Any]:
    """What the sale did to the balance: it must fall by the order's total and rise by the share, to the cent."""
    booked = [each for each in sale.world.transactions() if each["order_id"] == sale.order_id]
    charge = sum(each["amount"] for each in booked if each["kind"] == "charge")
    share = sum(each["amount"] for each in booked if each["kind"] == "revenue_share")
    after = sale.partner.backend.get("/v1/stored_value")["balance"]
    if charge != -cost or after != before - cost + share:
        raise DemoError(
            f"The balance went from {before} to {after}, but the order cost {cost} and the share is {share}."
        )
    settlement = sale.partner.backend.get(f"/v1/orders/{sale.order_id}")["settlement"]
    sale.say(
        f"balance    {show(before)} − {show(cost)} for the order + {show(share)} revenue share = {show(after)}; "
        f"the partner gives {show(settlement['release'])} back to Ana"
    )
    return {
        "balance_before": before,
        "balance_after": after,
        "charge": charge,
        "revenue_share": share,
        "settlement": settlement,
    }

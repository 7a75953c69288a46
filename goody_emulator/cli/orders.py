"""The command line: goody-emulator orders, goody-emulator trigger."""

from typing import Any, Final, get_args
from urllib.parse import quote

import click
import msgspec

from goody_emulator.cli.options import connected, given
from goody_emulator.cli.remote import Remote
from goody_emulator.cli.shows import dollars, show, show_rows
from goody_emulator.orders.shipments import Mishap
from goody_emulator.scenarios.script import AT_PLACE_OF

STEPS: Final = ("complete", "fail", "cancel")
_COLUMNS: Final = {
    "id": "ORDER",
    "status": "STATUS",
    "recipient": "RECIPIENT",
    "total": "TOTAL",
    "created_at": "CREATED",
    "possible_steps": "POSSIBLE STEPS",
}


@click.command()
@click.option("--status", help="Those in this status only.")
@click.option("--batch", "batch_id", help="Those of this batch only.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100), help="The newest so many.")
@connected
def orders(remote: Remote, status: str | None, batch_id: str | None, limit: int) -> None:
    """List orders, newest first, with the steps that are possible."""
    answer = remote.get("orders", {"status": status, "batch_id": batch_id, "per_page": limit})
    show_rows(remote, answer, [_row(order) for order in answer["data"]], _COLUMNS, "There are no such orders.")


@click.command()
@click.argument("order_id")
@click.argument("step")
@click.option("--state", help="accept: at an address in this state (NY).")
@click.option("--swap", multiple=True, metavar="PRODUCT_ID", help="accept: take this instead; can be repeated.")
@click.option("--credit", type=int, help="accept: cents of credit.")
@click.option("--declined", is_flag=True, default=None, help="pay: the payment fails.")
@click.option("--rest", is_flag=True, default=None, help="accept, pay: it stays so until charge, or order.")
@click.option("--override", is_flag=True, default=None, help="deliver: on another word than the carrier's.")
@click.option("--status", type=click.Choice(get_args(Mishap)), help="mark: what becomes of shipments otherwise.")
@click.option("--brand", help="ship, deliver, mark: the shipment of this brand id only.")
@click.option("--shipment", type=int, help="ship, deliver, mark: this shipment only, counted from 0.")
@click.option("--amount", type=int, help="refund: so many cents only.")
@click.option("--note", help="thank_you_note: its text.")
@connected
def trigger(remote: Remote, order_id: str, step: str, **details: Any) -> None:  # noqa: ANN401 - the options above
    """Let something happen to an order.

    STEP is notify, open, accept, charge, pay, order, ship, deliver, mark, cancel, support_cancel, refund, expire or
    thank_you_note; `orders` shows which of them are possible.
    """
    answer = remote.send("POST", f"orders/{quote(order_id, safe='')}/{quote(step, safe='')}", _body(step, **details))
    show(remote, answer, f"{answer['id']} is {answer['status']}.")


@click.command()
@click.argument("batch_id")
@click.argument("step", type=click.Choice(STEPS))
@connected
def batch(remote: Remote, batch_id: str, step: str) -> None:
    """Complete a pending order batch now, let it fail, or cancel it."""
    answer = remote.send("POST", f"order_batches/{quote(batch_id, safe='')}/{step}")
    show(remote, answer, f"{answer['id']} is {answer['send_status']}.")


def _body(  # noqa: PLR0913 - one parameter per option
    step: str,
    *,
    state: str | None,
    swap: tuple[str, ...],
    credit: int | None,
    declined: bool | None,
    rest: bool | None,
    override: bool | None,
    status: str | None,
    brand: str | None,
    shipment: int | None,
    amount: int | None,
    note: str | None,
) -> dict[str, object]:
    body = given(
        credit_applied=credit,
        declined=declined,
        rest=rest,
        override=override,
        status=status,
        brand_id=brand,
        shipment=shipment,
        amount=amount,
        note=note,
        swap=[{"product_id": each, "quantity": swap.count(each)} for each in dict.fromkeys(swap)] or None,
    )
    if step == "accept" or state is not None:
        address = msgspec.structs.replace(AT_PLACE_OF, state=state or AT_PLACE_OF.state)
        body["mailing_address"] = msgspec.to_builtins(address)
    return body


def _row(order: dict[str, Any]) -> dict[str, Any]:
    names = (order["recipient_first_name"], order["recipient_last_name"])
    return {
        **order,
        "recipient": " ".join(name for name in names if name),
        "total": dollars(order["amounts"]["amount_total"]),
    }

"""What partners ask of orders through this API while everything breaks, and whether it came to be on both sides."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from payments.lifecycle import Status, read_status

Json = dict[str, Any]
Ask = Callable[[str, object], tuple[int, Any]]
"""Asks something of one order, by the end of its path, with a body."""

CANCEL: Final = "cancel_here"
EXPIRE: Final = "expire_here"
STEPS: Final = (CANCEL, EXPIRE)
SHOWN_AS: Final = {CANCEL: "cancellation", EXPIRE: "expiration_change"}
POSSIBLE: Final = frozenset({200, 202, 409, 422, 502, 503, 504})


@dataclass(frozen=True)
class Wish:
    """One change that was asked for, and the last answer to it."""

    order_id: str
    step: str
    moment: str | None
    status: int
    code: str | None


def ask(ask_order: Ask, order_id: str, step: str, moment: datetime) -> Wish:
    """Ask for it once more where the answer leaves it open, as an impatient backend does."""
    path, body = ("cancel", None) if step == CANCEL else ("expiration", {"expires_at": moment.isoformat()})
    wanted = None if step == CANCEL else moment.isoformat()
    for _ in range(3):
        status, said = ask_order(path, body)
        if status == 200:
            break
    return Wish(order_id, step, wanted, status, said.get("code") if status >= 400 else None)


def judge_wishes(wishes: list[Wish], orders: dict[str, Json], goodys: dict[str, Json]) -> Iterator[str]:
    """What does not agree: a change that nobody knows the end of, or one that is told and not so at Goody."""
    for wish in wishes:
        ours, theirs = orders.get(wish.order_id), goodys.get(wish.order_id)
        if ours is None or theirs is None:
            continue  # Told elsewhere.
        if wish.status not in POSSIBLE:
            yield f"{wish.step} of order {wish.order_id} was answered with {wish.status} {wish.code}"
        shown = ours[SHOWN_AS[wish.step]]
        if shown is not None and shown["status"] == "pending":
            yield f"{wish.step} of order {wish.order_id} never came to an end"
        if wish.step == CANCEL:
            yield from _judge_cancel(wish, shown, theirs)
    for order_id in {wish.order_id for wish in wishes if wish.step == EXPIRE}:
        if order_id in orders and order_id in goodys:
            yield from _judge_expiry([each for each in wishes if each.order_id == order_id], orders, goodys)


def _judge_cancel(wish: Wish, shown: Json | None, theirs: Json) -> Iterator[str]:
    is_done = wish.status == 200 or (shown is not None and shown["status"] == "done")
    if is_done and read_status(theirs["status"]) is not Status.CANCELED:
        yield f"order {wish.order_id} was cancelled here, and is {theirs['status']} at Goody"


def _judge_expiry(wishes: list[Wish], orders: dict[str, Json], goodys: dict[str, Json]) -> Iterator[str]:
    order_id = wishes[0].order_id
    ours, theirs = orders[order_id]["expires_at"], goodys[order_id]["expires_at"]
    if not _is_same(ours, theirs):
        yield f"order {order_id} expires {ours} here and {theirs} at Goody"
    last = [wish for wish in wishes if wish.step == EXPIRE][-1]
    if last.status == 200 and not _is_same(ours, last.moment):
        yield f"order {order_id} was to expire {last.moment}, and expires {ours}"


def _is_same(one: str | None, other: str | None) -> bool:
    moments = [None if each is None else datetime.fromisoformat(each) for each in (one, other)]
    return moments[0] == moments[1]

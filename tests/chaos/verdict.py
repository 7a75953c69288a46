"""The verdict: what the storefront says, beside what Goody holds."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from payments.lifecycle import PAYABLE, Status, passed, read_status
from payments.orders import EVENTS
from tests.chaos.partner import Partner, Sale
from tests.chaos.stage import App, Stage
from tests.chaos.wishes import CANCEL, EXPIRE, judge_wishes

Json = dict[str, Any]

ONCE = {"order_batch.submitted", "order_batch.completed", "order_batch.rejected"}


@dataclass
class Books:
    """Both sides of one app, read when all is quiet."""

    app: App
    batches: dict[str, Json]
    """Ours, by id."""
    orders: dict[str, Json]
    events: list[Json]
    goodys_batches: list[Json]
    goodys_orders: dict[str, Json]

    @property
    def submitted(self) -> set[str]:
        """Our batches that became gifts."""
        return {each["id"] for each in self.batches.values() if each["submission_status"] == "submitted"}


@dataclass
class Verdict:
    """What was counted, and everything that does not agree."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def complain(self, faults: Iterable[str]) -> None:
        """Add what does not agree."""
        self.faults.extend(faults)


def read_books(stage: Stage, partner: Partner, app: App, sales: Sequence[Sale]) -> Books:
    """Read both sides of an app."""
    ids = {batch_id for sale in sales if sale.app is app for batch_id in sale.batch_ids}
    events = list(_pages(partner, app, "/v1/events?limit=100&after=", "sequence"))
    ids |= {event["data"]["id"] for event in events if event["type"].startswith("order_batch.")}
    batches = {batch_id: partner.ask(app, "GET", f"/v1/order_batches/{batch_id}")[1] for batch_id in sorted(ids)}
    orders = {order["id"]: order for order in _all_orders(partner, app)}
    held = stage.control("GET", "order_batches", app=app)["data"]
    goodys = {order["id"]: order for order in _goodys_orders(stage, app)}
    return Books(app, batches, orders, events, held, goodys)


def judge(all_books: Sequence[Books], sales: Sequence[Sale]) -> Verdict:
    """Hold both sides against each other."""
    verdict = Verdict()
    for books in all_books:
        mine = [sale for sale in sales if sale.app is books.app]
        verdict.complain(_judge_batches(books, mine))
        verdict.complain(_judge_orders(books))
        verdict.complain(_judge_log(books, mine))
        wishes = [wish for sale in mine for wish in sale.wishes]
        verdict.complain(judge_wishes(wishes, books.orders, books.goodys_orders))
        _count(verdict.counts, books, mine)
    return verdict


def _judge_batches(books: Books, sales: Sequence[Sale]) -> Iterator[str]:
    for sale in sales:
        if len(sale.batch_ids) > 1:
            yield f"{sale.checkout_id} was answered with several batches: {sale.batch_ids}"
        unexpected = {said for status, said in sale.answers if status not in {201, 202, 409, 422, 502, 503, 504}}
        if unexpected:
            yield f"{sale.checkout_id} was answered with {unexpected}"
    for batch in books.batches.values():
        if batch["submission_status"] not in {"submitted", "rejected"}:
            yield f"{batch['id']} is {batch['submission_status']}"
        if batch["submission_status"] == "submitted" and batch["completed_at"] is None:
            yield f"{batch['id']} is submitted and never complete"
    held = Counter(batch["customer_reference_id"] for batch in books.goodys_batches)
    yield from (f"Goody holds {count} batches of {reference}" for reference, count in held.items() if count != 1)
    yield from (f"{missing} is submitted and not at Goody" for missing in sorted(books.submitted - set(held)))
    yield from (f"{extra} is at Goody and not submitted" for extra in sorted(set(held) - books.submitted))


def _judge_orders(books: Books) -> Iterator[str]:
    yield from (f"order {each} is at Goody alone" for each in sorted(set(books.goodys_orders) - set(books.orders)))
    yield from (f"order {each} is here alone" for each in sorted(set(books.orders) - set(books.goodys_orders)))
    for order_id in set(books.orders) & set(books.goodys_orders):
        ours, theirs = books.orders[order_id], books.goodys_orders[order_id]
        status = read_status(theirs["status"], has_payment_link=theirs["payment_link"] is not None)
        link = theirs["payment_link"] if Status(ours["status"]) in PAYABLE else None
        # A word that no document knows, by a quirk; the refund itself is told by its event.
        if ours["status"] != status and theirs["status"] != "refunded":
            yield f"order {order_id} is {ours['status']} here and {theirs['status']} at Goody"
        if ours["payment_link"] != link:
            yield f"order {order_id} has payment link {ours['payment_link']} here and {link} at Goody"
        differing = {name for name, amount in ours["amounts"].items() if _amount(theirs, name) != amount}
        if differing:
            yield f"order {order_id} has other amounts than Goody: {sorted(differing)}"
        if ours["thank_you_note"] != theirs["thank_you_note"]:
            yield f"order {order_id} has another thank-you note than Goody"


def _amount(order: Json, name: str) -> int | None:
    """An amount as Goody holds it; no credit is a credit of nothing."""
    amount: int | None = order["amounts"].get(name)
    return amount or 0 if name == "amount_credit_applied" else amount


def _judge_log(books: Books, sales: Sequence[Sale]) -> Iterator[str]:
    sequence = [event["sequence"] for event in books.events]
    if sequence != list(range(1, len(sequence) + 1)):
        yield f"{books.app.slug}'s event log has a gap or a repeat"
    told: dict[str, Counter[str]] = {}
    for event in books.events:
        told.setdefault(event["data"].get("id", ""), Counter())[event["type"]] += 1
    for batch in books.batches.values():
        is_gift = batch["submission_status"] == "submitted"
        wanted = {"order_batch.submitted", "order_batch.completed"} if is_gift else {"order_batch.rejected"}
        seen = told.get(batch["id"], Counter())
        if {name: seen[name] for name in ONCE} != {name: int(name in wanted) for name in ONCE}:
            yield f"{batch['id']} ({batch['submission_status']}) is told by {dict(seen)}"
        if seen["order_batch.stuck"] > 1:
            yield f"{batch['id']} is told stuck {seen['order_batch.stuck']} times"
    steps = {order_id: taken for sale in sales for order_id, taken in sale.steps.items()}
    for order_id, order in books.orders.items():
        seen = told.get(order_id, Counter())
        must, may = _expected(order, steps.get(order_id, []))
        if any(count > 1 for count in seen.values()) or not must <= set(seen) <= must | may:
            yield f"order {order_id} ({order['status']}, {steps.get(order_id)}) is told by {dict(seen)}"


def _expected(order: Json, taken: Sequence[str]) -> tuple[set[str], set[str]]:
    """The events that there must be of an order, and those that there may be: a cancelled one may have been opened."""
    status = Status(order["status"])
    must = {EVENTS[each] for each in passed(None, status) if each in EVENTS} | {EVENTS[Status.CREATED]}
    may = {"order.opened"} if status is Status.CANCELED else set()
    if order["payment_mode"] == "hosted_payment" and "accept" in taken:
        # Paid before anybody here saw the link: it is not announced any more.
        (must if status in PAYABLE else may).add("order.payment_link_ready")
    if "refund" in taken:
        must.add("order.refunded")
    if "thank_you_note" in taken:
        must.add("order.thank_you_note_added")
    return must, may


def _count(counts: Counter[str], books: Books, sales: Sequence[Sale]) -> None:
    counts["checkouts"] += len(sales)
    counts["completed checkouts"] += len(books.submitted)
    counts["refused checkouts"] += len(books.batches) - len(books.submitted)
    counts["batches at Goody"] += len(books.goodys_batches)
    counts["orders"] += len(books.orders)
    counts["orders at Goody"] += len(books.goodys_orders)
    counts["events"] += len(books.events)
    counts["answers to complete"] += sum(len(sale.answers) for sale in sales)
    counts["of unknown outcome"] += sum(status == 202 for sale in sales for status, _ in sale.answers)
    wishes = [wish for sale in sales for wish in sale.wishes]
    counts["cancels asked for here"] += sum(wish.step == CANCEL for wish in wishes)
    counts["expiries moved here"] += sum(wish.step == EXPIRE for wish in wishes)
    counts["of them not at once"] += sum(wish.status != 200 for wish in wishes)
    counts["steps"] += sum(len(taken) for sale in sales for taken in sale.steps.values())


def _pages(partner: Partner, app: App, path: str, position: str) -> Iterator[Json]:
    last = 0
    while page := partner.ask(app, "GET", f"{path}{last}")[1]["data"]:
        yield from page
        last = page[-1][position]


def _all_orders(partner: Partner, app: App) -> Iterator[Json]:
    cursor = ""
    while True:
        page = partner.ask(app, "GET", f"/v1/orders?limit=100{cursor}")[1]
        yield from page["data"]
        if page["next_cursor"] is None:
            return
        cursor = f"&cursor={page['next_cursor']}"


def _goodys_orders(stage: Stage, app: App) -> Iterator[Json]:
    number = 1
    while page := stage.read(f"/v1/orders?per_page=100&page={number}", app)["data"]:
        yield from page
        number += 1

"""Reports, terms and explanations as text, for a finance person at a terminal."""

from collections.abc import Iterator, Sequence
from typing import Final

from foundation.money import show
from payments.ledger.accounts import TITLES, Account
from payments.ledger.exporting import dollars
from payments.ledger.queries import WholeEntry
from payments.revenue_share.explaining import Explanation
from payments.revenue_share.reports import AGED, Report, Row
from payments.revenue_share.terms import AgreedTerms

MONEY: Final = (
    "base", "earned", "awaiting_payment", "refunded", "adjusted", "received", "outstanding", "outstanding_unpaid",
)  # fmt: skip
TITLE: Final = {"awaiting_payment": "awaiting", "outstanding_unpaid": "of it unpaid"}
_WIDTH: Final = 12


def report_as_text(report: Report) -> str:
    """The report as a table; dollars."""
    name = max([len(report.group_by), *(len(_name(row)) for row in report.rows)])
    titles = (TITLE.get(title, title).rjust(_WIDTH) for title in (*MONEY, *AGED))
    head = [report.group_by.value.ljust(name), "orders".rjust(7), *titles]
    lines = [f"{report.first_day} to {report.last_day} (UTC)", "", "  ".join(head)]
    lines += [_line(_name(row), row, name) for row in report.rows]
    lines += [_line("total", report.totals, name), ""]
    totals = report.totals
    lines.append(
        f"opening {dollars(report.opening)} + earned {dollars(totals.earned)}"
        f" + awaiting payment {dollars(totals.awaiting_payment)} - refunded {dollars(totals.refunded)}"
        f" - received {dollars(totals.received)} + adjusted {dollars(totals.adjusted)}"
        f" = outstanding {dollars(totals.outstanding)}"
    )
    for title, part in (("expected of open gifts", report.expected), ("accrual pending", report.pending)):
        lines.append(f"{title}: {part.orders} orders, {dollars(part.low)} to {dollars(part.high)}")
    return "\n".join(lines)


def terms_as_text(agreed: AgreedTerms) -> str:
    """Terms in a few lines."""
    terms = agreed.terms
    parts = [f"{_percent(terms.rate_bps)} of {terms.base.value.replace('_', ' ')}"]
    parts += [f"{_percent(tier.rate_bps)} above {show(tier.above)} a month" for tier in terms.tiers]
    parts += [f"{_percent(rate)} for brand {brand_id}" for brand_id, rate in terms.brand_rates.items()]
    parts += [f"nothing for brand {brand_id}" for brand_id in terms.excluded_brand_ids]
    if terms.minimum_order:
        parts.append(f"orders from {show(terms.minimum_order)} on")
    parts.append(
        f"rounded {terms.rounding.value.replace('_', ' ')}, refunds {terms.refund_rule.value.replace('_', ' ')}"
    )
    return (
        f"terms {agreed.id} from {agreed.holds_from:%Y-%m-%d %H:%M} UTC: {', '.join(parts)}. "
        f"Entered by {agreed.entered_by}: {agreed.reason}"
    )


def explanation_as_text(told: Explanation) -> str:
    """An order's money from the top down."""
    return "\n".join([*_order(told), *_share(told), "", *_entries(told), "", *_balances(told)])


def _order(told: Explanation) -> Iterator[str]:
    order = told.order
    yield f"order {order.id}, {order.payment_mode}, {order.status}"
    for name, amount in order.amounts.items():
        if amount is not None:
            yield f"  {name:<26} {dollars(amount):>12}"
    if order.refunded_at is not None:
        amount = "an amount not told yet" if order.refund_amount is None else dollars(order.refund_amount)
        yield f"  refunded {order.refunded_at:%Y-%m-%d %H:%M}: {amount}"


def _share(told: Explanation) -> Iterator[str]:
    share = told.share
    if share is None:
        yield "revenue share: not looked at yet"
        return
    waits = f", waits for {share.pending_because}" if share.pending_because else ""
    unpaid = ", the shopper has not paid yet" if told.is_unpaid and share.lines else ""
    yield f"revenue share: {share.state}{waits}{unpaid}"
    if share.low is not None and share.high is not None:
        yield f"  estimate {dollars(share.low)} to {dollars(share.high)}"
    if told.terms is not None:
        yield f"  by terms {told.terms.id}, which hold from {told.terms.holds_from:%Y-%m-%d %H:%M} UTC"
    for line, kept in zip(share.lines, share.kept, strict=True):
        why = f", {line['without']}" if line["without"] else ""
        yield (
            f"  product {_called(told, line['product_id'])} of brand {_called(told, line['brand_id'])}: "
            f"goods {dollars(line['goods'])}, base {dollars(line['base'])} × {_percent(line['rate_bps'])} = "
            f"{dollars(line['share'])}, kept {dollars(kept['share'])}{why}"
        )


def _called(told: Explanation, name_id: str) -> str:
    name = told.names.get(name_id)
    return name_id if name is None else f"{name} ({name_id})"


def _entries(told: Explanation) -> Iterator[str]:
    if not told.entries:
        yield "no entries"
    for whole in told.entries:
        yield from _entry(whole, told)


def _entry(whole: WholeEntry, told: Explanation) -> Iterator[str]:
    entry = whole.entry
    yield f"entry {entry.number}  {entry.kind}  booked {entry.booked_at:%Y-%m-%d %H:%M}  {entry.reason}"
    by = f"{entry.origin} {entry.reference or ''}".rstrip()
    message = told.webhooks.get(entry.reference or "")
    heard = "" if message is None else f", {message.event_type} received {message.received_at:%Y-%m-%d %H:%M:%S}"
    row = told.statement_rows.get(entry.reference or "")
    if row is not None:
        heard = f": line {row.line} of {row.statement_id}, {row.kind} {row.transaction_id} of {row.moment:%Y-%m-%d}"
    yield f"  by {entry.posted_by}, from {by}{heard}"
    for posting in whole.postings:
        yield f"  {TITLES[Account(posting.account)]:<28} {dollars(posting.amount):>12}"


def _balances(told: Explanation) -> Iterator[str]:
    yield "in all"
    for account, amount in told.balances.items():
        yield f"  {TITLES[account]:<28} {dollars(amount):>12}"


def _line(name: str, row: Row, width: int) -> str:
    amounts: Sequence[int] = [*(getattr(row, column) for column in MONEY), *row.aged.values()]
    return "  ".join([name.ljust(width), f"{row.orders:>7}", *(dollars(amount).rjust(_WIDTH) for amount in amounts)])


def _name(row: Row) -> str:
    if row.key is None:
        return "not attributed"
    return row.key if row.name is None else f"{row.name} ({row.key})"


def _percent(basis_points: int) -> str:
    return f"{dollars(basis_points)} %"

"""Whose lines are whose: by the order that they name, else by amount and date. Pure, and linear in their number."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from payments.reconciliation.due import Paydays, due_of
from payments.reconciliation.kinds import Confidence, Part, Rule
from payments.reconciliation.values import Expected, Line, Match, Tolerance
from payments.statements.kinds import Account, Kind

Place = tuple[str, Part]
"""An order, and a part of its money."""


@dataclass(slots=True)
class Assigned:
    """Matches by order and part, and the lines that nobody has taken."""

    matches: defaultdict[Place, list[Match]] = field(default_factory=lambda: defaultdict(list))
    left: list[Line] = field(default_factory=list)

    def add(self, match: Match) -> None:
        """Give a line to an order."""
        if match.order_id is not None and match.part is not None:
            self.matches[match.order_id, match.part].append(match)


def assign(lines: Iterable[Line], orders: Sequence[Expected], days: Paydays, near: Tolerance) -> Assigned:
    """Give each line to the order that it names; those that name none to one that lacks just that."""
    assigned = Assigned()
    nameless = _by_reference(assigned, lines, orders)
    _by_amount(assigned, nameless, orders, days, near)
    return assigned


def _by_reference(assigned: Assigned, lines: Iterable[Line], orders: Sequence[Expected]) -> list[Line]:
    """Returns the lines that name no order."""
    by_id = {order.order_id: order for order in orders}
    by_reference = {order.reference_id: order for order in orders if order.reference_id}
    by_batch: defaultdict[str, list[Expected]] = defaultdict(list)
    for order in orders:
        by_batch[order.batch_id].append(order)
    nameless = []
    for line in lines:
        named = by_id.get(line.order_id) or (by_reference.get(line.order_reference) if not line.order_id else None)
        if named is not None and line.part is not None and named.account is line.account:
            assigned.add(Match(line, Rule.ORDER_REFERENCE, Confidence.CERTAIN, line.amount, named.order_id, line.part))
        elif line.order_id or line.order_reference:
            assigned.left.append(line)
        elif (match := _of_batch(line, by_batch.get(line.customer_reference, ()))) is not None:
            assigned.add(match)
        else:
            nameless.append(line)
    return nameless


def _of_batch(line: Line, orders: Sequence[Expected]) -> Match | None:
    """The one order of the batch that a line names of which just this amount is expected."""
    if line.part is None or not line.customer_reference:
        return None
    fits = [order for order in orders if order.account is line.account and order.amount_of(line.part) == line.amount]
    if len(fits) != 1:
        return None
    said = f"names its order batch, of which {fits[0].order_id} alone has this amount"
    confidence = Confidence.ONLY_ONE
    return Match(line, Rule.ORDER_REFERENCE, confidence, line.amount, fits[0].order_id, line.part, explanation=said)


def _by_amount(
    assigned: Assigned,
    lines: Iterable[Line],
    orders: Sequence[Expected],
    days: Paydays,
    near: Tolerance,
) -> None:
    wanted: defaultdict[tuple[Account, Part, int], list[Line]] = defaultdict(list)
    for line in lines:
        if line.part is None or line.kind is Kind.CHARGE_ADJUSTMENT:
            assigned.left.append(line)
        else:
            wanted[line.account, line.part, line.amount].append(line)
    lacking = _lacking(assigned, orders, days)
    for place, found in wanted.items():
        _pair(assigned, sorted(found, key=_moment), sorted(lacking.get(place, []), key=_first), near)


def _lacking(
    assigned: Assigned, orders: Sequence[Expected], days: Paydays
) -> dict[tuple[Account, Part, int], list[tuple[datetime, Expected, Part]]]:
    """What no line has been given to, by account, part and amount, each with when it was due."""
    lacking: defaultdict[tuple[Account, Part, int], list[tuple[datetime, Expected, Part]]] = defaultdict(list)
    for order in orders:
        for part in Part:
            moment, amount = due_of(order, part, days), order.amount_of(part)
            if moment is not None and amount and (order.order_id, part) not in assigned.matches:
                lacking[order.account, part, amount].append((moment, order, part))
    return lacking


def _pair(
    assigned: Assigned,
    lines: Sequence[Line],
    lacking: Sequence[tuple[datetime, Expected, Part]],
    near: Tolerance,
) -> None:
    """Pair both in the order of their dates, within the drift."""
    confidence = Confidence.ONLY_ONE if len(lines) == len(lacking) == 1 else Confidence.ONE_OF_SEVERAL
    place = 0
    for line in lines:
        while place < len(lacking) and lacking[place][0] < line.moment - near.drift:
            place += 1
        if place == len(lacking) or lacking[place][0] > line.moment + near.drift:
            assigned.left.append(line)
            continue
        _, order, part = lacking[place]
        place += 1
        explanation = f"names no order; {order.order_id} lacked just this amount within {near.drift.days} days"
        assigned.add(
            Match(line, Rule.AMOUNT_AND_DATE, confidence, line.amount, order.order_id, part, explanation=explanation)
        )


def _moment(line: Line) -> tuple[datetime, int]:
    return line.moment, line.id


def _first(lacking: tuple[datetime, Expected, Part]) -> tuple[datetime, str]:
    return lacking[0], lacking[1].order_id

"""Statements in other words and with other signs: Goody publishes no format, so that of this emulator is a guess."""

from collections.abc import Sequence
from typing import Final

import msgspec

from goody_emulator.money.notation import Line
from goody_emulator.quirks import Quirk

_COLUMNS: Final = {
    "date": "Booked on",
    "payout_id": "Transfer no.",
    "id": "Line no.",
    "type": "What",
    "order_id": "Gift",
    "order_reference_id": "Gift no.",
    "customer_reference_id": "Your no.",
    "description": "Remark",
    "amount": "USD",
    "balance": "USD left",
    "total": "USD so far",
}


def reworded(
    quirks: frozenset[Quirk], header: Sequence[str], lines: Sequence[Line]
) -> tuple[Sequence[str], Sequence[Line]]:
    """Return a statement's columns and lines as the quirks want them; its balances and totals stay as they are."""
    if Quirk.STATEMENT_SIGNS_TURNED in quirks:
        lines = [msgspec.structs.replace(line, amounts=_turned(line.amounts)) for line in lines]
    if Quirk.STATEMENT_OTHER_NAMES in quirks:
        # The date is no text of a line.
        kind = header.index("type") - 1
        lines = [msgspec.structs.replace(line, texts=_called_otherwise(line.texts, kind)) for line in lines]
        header = [_COLUMNS[name] for name in header]
    return header, lines


def _turned(amounts: tuple[int | None, ...]) -> tuple[int | None, ...]:
    amount, *sums = amounts
    return (None if amount is None else -amount, *sums)


def _called_otherwise(texts: tuple[str, ...], kind: int) -> tuple[str, ...]:
    return (*texts[:kind], texts[kind].replace("_", " ").capitalize(), *texts[kind + 1 :])

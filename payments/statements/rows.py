"""Lines of a statement as read: good ones, and bad ones with what is wrong."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from payments.statements.amounts import AmountError, read_cents
from payments.statements.dates import DateError, read_moment
from payments.statements.kinds import MARKS, WORDS, Kind
from payments.statements.separators import plain_name

LONGEST_TEXT: Final = 255
UNSTORABLE: Final = str.maketrans(dict.fromkeys("\0"))


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `amount` in US cents, signed as the account sees it; `balance` is that behind it, where it is shown."""

    line: int
    id: str
    kind: Kind
    order_id: str
    order_reference: str
    customer_reference: str
    description: str
    amount: int
    balance: int | None
    moment: datetime
    is_day: bool
    """Whether only a day was written."""
    payout_id: str

    @property
    def digest(self) -> str:
        """What the line says, in 32 hex digits: the same for the same line in any notation, file and place."""
        said = (
            self.id,
            self.kind,
            self.order_id,
            self.order_reference,
            self.customer_reference,
            str(self.amount),
            # A day and a moment in it are different notations of the same.
            self.moment.date().isoformat(),
            self.payout_id,
        )
        return hashlib.blake2b("\x1f".join(said).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that can't be used: where it begins, in which column, and why."""

    line: int
    code: str
    detail: str
    column: str | None = None


class RowError(ValueError):
    """A line can't be used."""

    def __init__(self, code: str, detail: str, column: str | None = None) -> None:
        super().__init__(detail)
        self.code, self.detail, self.column = code, detail, column


@dataclass(frozen=True, slots=True)
class Notation:
    """How the amounts and dates of one file are written."""

    decimal_mark: str | None
    is_day_first: bool


def read_row(line: int, cells: Mapping[str, str], notation: Notation) -> Row:
    """A line by its fields' texts. RowError for one that can't be used."""
    kind = _kind(cells.get("type", ""))
    currency = cells.get("currency", "").strip()
    if currency and currency.upper() != "USD":
        raise RowError("other_currency", f"{_shown(currency)!r} is not USD", "currency")
    try:
        moment = read_moment(cells.get("date", ""), day_first=notation.is_day_first)
    except DateError as error:
        raise RowError("bad_date", str(error), "date") from error
    return Row(
        line=line,
        id=_text(cells, "id"),
        kind=kind,
        order_id=_text(cells, "order_id").lower(),
        order_reference=_text(cells, "order_reference"),
        customer_reference=_text(cells, "customer_reference"),
        description=_text(cells, "description", cut=True),
        amount=_amount(cells, kind, notation.decimal_mark),
        balance=_cents(cells, "balance", notation.decimal_mark),
        moment=moment.at,
        is_day=moment.is_day,
        payout_id=_text(cells, "payout_id"),
    )


@lru_cache(100)
def _kind(word: str) -> Kind:
    return WORDS.get(plain_name(word), Kind.OTHER)


def _amount(cells: Mapping[str, str], kind: Kind, mark: str | None) -> int:
    amount = _cents(cells, "amount", mark)
    if amount is None and ("debit" in cells or "credit" in cells):
        debit, credit = _cents(cells, "debit", mark), _cents(cells, "credit", mark)
        # A debit may be written with or without its minus.
        amount = None if debit is None and credit is None else (credit or 0) - abs(debit or 0)
    if amount is None and kind not in MARKS:
        raise RowError("no_amount", "the line has no amount", "amount")
    return amount or 0


def _cents(cells: Mapping[str, str], field: str, mark: str | None) -> int | None:
    text = cells.get(field, "")
    if not text.strip():
        return None
    try:
        return read_cents(text, mark)
    except AmountError as error:
        raise RowError("bad_amount", str(error), field) from error


def _text(cells: Mapping[str, str], field: str, *, cut: bool = False) -> str:
    text = cells.get(field, "").translate(UNSTORABLE).strip()
    if len(text) > LONGEST_TEXT and not cut:
        raise RowError("too_long", f"has more than {LONGEST_TEXT} characters", field)
    return text[:LONGEST_TEXT]


def _shown(text: str) -> str:
    return text[:20]

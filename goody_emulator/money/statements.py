"""Statements of an app's stored value and of its payouts, for any period."""

from typing import Final

import msgspec

from goody_emulator.money import bookings
from goody_emulator.money.bookings import Booking
from goody_emulator.money.notation import Line
from goody_emulator.money.payouts import Payouts
from goody_emulator.money.shares import BY_BANK_TRANSFER, BY_STORED_VALUE
from goody_emulator.money.statement_faults import Mistake, Spoiling, StatementFaults
from goody_emulator.state.store import Store

_ABOUT_LINES: Final = ("id", "type", "order_id", "order_reference_id", "customer_reference_id", "description")
STORED_VALUE_HEADER: Final = ("date", *_ABOUT_LINES, "amount", "balance")
PAYOUTS_HEADER: Final = ("date", "payout_id", *_ABOUT_LINES, "amount", "total")


class Period(msgspec.Struct, frozen=True):
    """From a moment, included, to another one, excluded, in milliseconds; no `start` means the beginning."""

    start: int | None
    end: int

    def holds(self, line: Booking) -> bool:
        """Tell whether a line lies in it."""
        return (self.start is None or self.start <= line.moment) and line.moment < self.end


class Statements:
    """Makes statements, with the mistakes that have been ordered for them."""

    def __init__(self, store: Store, payouts: Payouts, faults: StatementFaults) -> None:
        self._store = store
        self._payouts = payouts
        self._faults = faults

    def of_stored_value(self, app_id: str, period: Period) -> list[Line]:
        """Return an opening balance, the transactions of a period each with the balance behind it, a closing balance.

        Balances are sums of the lines that are shown, so a statement agrees with itself even where it is spoilt.
        """
        balance, within = self._stored_value_within(app_id, period)
        opened = period.start if period.start is not None else min((line.moment for line in within), default=period.end)
        shown = [_balance(opened, "opening_balance", balance)]
        for line in within:
            balance += line.amount
            shown.append(Line(line.moment, _texts(line), (line.amount, balance)))
        return [*shown, _balance(period.end, "closing_balance", balance)]

    def of_payouts(self, app_id: str, period: Period) -> list[Line]:
        """Return what a period's payouts consist of, each line with the total so far, and the total."""
        total, shown = 0, []
        for line in self._paid_out(app_id).spoil():
            if period.holds(line):
                total += line.amount
                shown.append(Line(line.moment, (line.payout_id, *_texts(line)), (line.amount, total)))
        return [*shown, Line(period.end, ("", "", "total", "", "", "", "Total"), (None, total))]

    def mistakes(self, app_id: str) -> tuple[list[Mistake], list[Mistake]]:
        """Return what is wrong with the statements of an app's stored value, and of its payouts, of all time."""
        stored_value, payouts = self._stored_value(app_id), self._paid_out(app_id)
        stored_value.spoil()
        payouts.spoil()
        return stored_value.mistakes, payouts.mistakes

    def _stored_value_within(self, app_id: str, period: Period) -> tuple[int, list[Booking]]:
        """Return the balance before a period, and its lines. What is not spoilt is read of that period alone."""
        if not self._faults.of_app(app_id).are_any:
            before = 0 if period.start is None else bookings.balance_before(self._store, app_id, period.start)
            return before, bookings.of_stored_value(self._store, app_id, period.start, period.end)
        lines = self._stored_value(app_id).spoil()
        before = sum(line.amount for line in lines if period.start is not None and line.moment < period.start)
        return before, [line for line in lines if period.holds(line)]

    def _stored_value(self, app_id: str) -> Spoiling:
        lines = bookings.of_stored_value(self._store, app_id)
        unearned = bookings.never_earned(self._store, app_id, BY_STORED_VALUE)
        return Spoiling("stored value", lines, unearned, self._faults.of_app(app_id))

    def _paid_out(self, app_id: str) -> Spoiling:
        self._payouts.of_app(app_id)  # so that those of past months are there
        lines = bookings.of_payouts(self._store, app_id)
        unearned = bookings.never_earned(self._store, app_id, BY_BANK_TRANSFER)
        return Spoiling("payouts", lines, unearned, self._faults.of_app(app_id))


def _texts(line: Booking) -> tuple[str, ...]:
    return (
        line.id,
        line.kind,
        line.order_id,
        line.order_reference_id,
        line.customer_reference_id,
        line.description,
    )


def _balance(moment: int, kind: str, balance: int) -> Line:
    about = "Opening balance" if kind == "opening_balance" else "Closing balance"
    return Line(moment, ("", kind, "", "", "", about), (None, balance))

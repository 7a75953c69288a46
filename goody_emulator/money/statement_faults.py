"""Statements spoilt on demand: the mistakes a partner's reconciliation should find, always the same ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Annotated, Final

import msgspec

from goody_emulator.catalog.dice import dice, drawn_id
from goody_emulator.money.bookings import Booking
from goody_emulator.money.stored_value import CHARGE, REVENUE_SHARE
from goody_emulator.state.store import Store

LATE_BY: Final = 35 * 86_400_000
"""Milliseconds a late share is late, enough to fall into a later month."""
_UNKNOWN_CENTS: Final = range(500, 20_000)
_WRONG_BY: Final = range(1, 100)

Count = Annotated[int, msgspec.Meta(ge=0, le=1000)]
"""How many mistakes there may be of one kind."""


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many mistakes of each kind; the same `seed` and bookings give the same ones."""

    missing_share: Count = 0
    """A revenue share is left out."""
    wrong_amount: Count = 0
    """A charge or a share is some cents off."""
    duplicate: Count = 0
    """A charge or a share appears twice."""
    late: Count = 0
    """A share is dated 35 days later."""
    unknown: Count = 0
    """A line is about an order nobody knows."""
    excluded_but_paid: Count = 0
    """A share is paid for goods whose brands are all excluded."""
    seed: Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)] = 1

    @property
    def are_any(self) -> bool:
        """Whether there is to be any mistake at all."""
        return msgspec.structs.replace(self, seed=1) != Faults()


class Mistake(msgspec.Struct, frozen=True):
    """What is wrong with one line of a statement; amounts in cents, None where there is no such line."""

    fault: str
    id: str
    order_id: str
    amount: int | None
    """What is right."""
    shown_amount: int | None
    moment: int
    shown_moment: int


class StatementFaults:
    """Keeps the faults ordered for each app's statements."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of_app(self, app_id: str) -> Faults:
        """Return the faults of an app's statements."""
        row = self._store.row("SELECT faults FROM statement_faults WHERE app_id = ?", app_id)
        return Faults() if row is None else msgspec.json.decode(row["faults"], type=Faults)

    def put(self, app_id: str, faults: Faults) -> None:
        """Let these be the faults of an app's statements, and no others."""
        with self._store.transaction():
            self._store.execute(
                "INSERT OR REPLACE INTO statement_faults (app_id, faults) VALUES (?, ?)",
                app_id,
                msgspec.json.encode(faults).decode(),
            )


@dataclass
class Spoiling:
    """Spoils the lines of one statement, each line once at most."""

    statement: str
    """Which one it is, so that two of them are not spoilt alike."""
    lines: Sequence[Booking]
    never_earned: Sequence[Booking]
    """What could be paid although it was not earned."""
    faults: Faults
    shown: dict[int, list[Booking]] = field(default_factory=dict)
    """What stands in the place of a line."""
    added: list[Booking] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def spoil(self) -> list[Booking]:
        """Return the lines with all their mistakes, in the order of their dates."""
        self._replace("missing_share", _is_share, lambda _: [])
        self._replace("wrong_amount", _is_of_order, self._wrong)
        self._replace("duplicate", _is_of_order, lambda line: [line, line])
        self._replace("late", _is_share, _late)
        self._add_unknown()
        self._add_unearned()
        spoilt = [each for place, line in enumerate(self.lines) for each in self.shown.get(place, [line])]
        return sorted([*spoilt, *self.added], key=lambda line: line.moment)

    def _replace(self, fault: str, fits: Callable[[Booking], bool], spoilt: Callable[[Booking], list[Booking]]) -> None:
        places = [place for place, line in enumerate(self.lines) if place not in self.shown and fits(line)]
        count = min(getattr(self.faults, fault), len(places))
        for place in sorted(self._dice(fault).sample(places, count)):
            line = self.lines[place]
            self.shown[place] = spoilt(line)
            self._note(fault, line, next(iter(self.shown[place]), None))

    def _wrong(self, line: Booking) -> list[Booking]:
        # Away from nothing, so that neither the sign changes nor the line vanishes.
        rng = self._dice("wrong", len(self.shown))
        difference = rng.choice(_WRONG_BY) * (1 if line.amount > 0 else -1)
        return [msgspec.structs.replace(line, amount=line.amount + difference)]

    def _add_unknown(self) -> None:
        rng = self._dice("unknown")
        for _ in range(self.faults.unknown if self.lines else 0):
            near = self.lines[rng.randrange(len(self.lines))]
            line = Booking(
                near.moment,
                drawn_id(rng),
                REVENUE_SHARE if near.payout_id else CHARGE,
                rng.choice(_UNKNOWN_CENTS) * (1 if near.payout_id else -1),
                drawn_id(rng),
                f"UNKNOWN{rng.randrange(10_000):04}",
                description="Order",
                payout_id=near.payout_id,
            )
            self.added.append(line)
            self._note("unknown", line, line, is_real=False)

    def _add_unearned(self) -> None:
        count = min(self.faults.excluded_but_paid, len(self.never_earned))
        for line in self._dice("excluded_but_paid").sample(self.never_earned, count):
            self.added.append(line)
            self._note("excluded_but_paid", line, line, is_real=False)

    def _dice(self, *names: object) -> Random:
        return dice(self.faults.seed, self.statement, *names)

    def _note(self, fault: str, line: Booking, shown: Booking | None, *, is_real: bool = True) -> None:
        self.mistakes.append(
            Mistake(
                fault,
                line.id,
                line.order_id,
                line.amount if is_real else None,
                None if shown is None else shown.amount,
                line.moment,
                line.moment if shown is None else shown.moment,
            )
        )


def _is_share(line: Booking) -> bool:
    return line.kind == REVENUE_SHARE


def _is_of_order(line: Booking) -> bool:
    return line.kind in {REVENUE_SHARE, CHARGE}


def _late(line: Booking) -> list[Booking]:
    return [msgspec.structs.replace(line, moment=line.moment + LATE_BY)]

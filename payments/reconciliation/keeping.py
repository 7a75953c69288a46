"""Matches kept, and posted once: what holds anew is posted, what holds no longer is taken back."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import sqlalchemy as sa

from foundation.clock import Clock
from foundation.database import Session, Sessions, table_of
from payments.ledger.bulk import post_all
from payments.ledger.entries import Because, NewEntry, Origin
from payments.ledger.journal import Ledger, hold
from payments.reconciliation.books import parts
from payments.reconciliation.receiving import Receivables, received, take_back
from payments.reconciliation.tables import MatchRow
from payments.reconciliation.values import Match
from payments.statements.tables import StatementRow

AT_ONCE: Final = 500
"""Matches per transaction: on SQLite nobody else writes meanwhile."""

Some = TypeVar("Some")
Place = tuple[int, str]
"""A line and its target."""


@dataclass(frozen=True, slots=True)
class Known:
    """A match that was kept before."""

    id: int
    amount: int
    holds: bool
    posted: int


class Keeper:
    """Keeps one app's matches. `beat` is called in each transaction: it refuses once another run has taken over."""

    def __init__(
        self,
        sessions: Sessions,
        ledger: Ledger,
        clock: Clock,
        app_id: str,
        run_id: str,
        beat: Callable[[Session], None],
    ) -> None:
        self._sessions = sessions
        self._ledger = ledger
        self._clock = clock
        self._app_id = app_id
        self._run_id = run_id
        self._beat = beat

    def keep(self, matches: Sequence[Match], line_ids: Collection[int], modes: Mapping[str, str]) -> tuple[int, int]:
        """Let these be the matches of these lines; returns how many are new, and how many were taken back.

        `modes` are the payment modes by order.
        """
        wanted = {(match.line.id, target_of(match)): match for match in matches}
        with self._sessions.read() as session:
            known = self._known(session, line_ids)
            void = self._void(session)
        undone = {place for place, row in known.items() if row.holds and _differs(row, wanted.get(place))}
        undone_ids = [*void, *(known[place].id for place in undone)]
        for chunk in _chunks(undone_ids):
            self._take_back(chunk)
        new = [
            (match, known.get(place))
            for place, match in wanted.items()
            if place not in known or not known[place].holds or place in undone
        ]
        for some in _chunks(new):
            self._add(some, modes)
        return len(new), len(undone_ids)

    def _known(self, session: Session, line_ids: Collection[int]) -> dict[Place, Known]:
        columns = (MatchRow.row_id, MatchRow.target, MatchRow.id, MatchRow.amount, MatchRow.holds, MatchRow.posted)
        mine = sa.select(*columns).where(MatchRow.app_id == self._app_id)
        found = {}
        for part in parts(sorted(line_ids)):
            for row_id, target, match_id, amount, holds, posted in session.execute(
                mine.where(MatchRow.row_id.in_(part))
            ):
                found[row_id, target] = Known(match_id, amount, holds, posted)
        return found

    def _void(self, session: Session) -> list[int]:
        """Those whose line a later statement has set aside."""
        gone = (
            sa.select(MatchRow.id)
            .join(StatementRow, StatementRow.id == MatchRow.row_id)
            .where(MatchRow.app_id == self._app_id, MatchRow.holds, StatementRow.gone_by.is_not(None))
        )
        return [*session.scalars(gone)]

    def _take_back(self, match_ids: Sequence[int]) -> None:
        because = Because(Origin.IMPORT, "system", "A later statement tells otherwise.")
        with self._sessions.begin() as session:
            self._beat(session)
            rows = session.scalars(
                sa.select(MatchRow).where(MatchRow.app_id == self._app_id, MatchRow.id.in_(match_ids), MatchRow.holds)
            )
            for row in rows.all():
                if row.entry is not None:
                    take_back(self._ledger, session, self._app_id, row.entry, because)
                row.holds, row.entry = False, None

    def _add(self, new: Sequence[tuple[Match, Known | None]], modes: Mapping[str, str]) -> None:
        with self._sessions.begin() as session:
            self._beat(session)
            # Held first: what is receivable must not change while it is divided.
            hold(session, self._app_id)
            order_ids = sorted({match.order_id for match, _ in new if match.order_id is not None})
            receivables = Receivables(session, self._app_id, order_ids)
            entries = [
                received(self._app_id, match, _source(match, row), modes.get(match.order_id or "", ""), receivables)
                for match, row in new
            ]
            numbers = self._post(session, entries)
            fresh = []
            for (match, row), number in zip(new, numbers, strict=True):
                values = self._values(match, number, 0 if row is None else row.posted)
                if row is None:
                    fresh.append(values)
                else:
                    session.execute(sa.update(MatchRow).where(MatchRow.id == row.id).values(**values))
            if fresh:
                session.execute(sa.insert(table_of(MatchRow)), fresh)

    def _post(self, session: Session, entries: Sequence[NewEntry | None]) -> list[int | None]:
        posted = iter(post_all(session, self._app_id, [each for each in entries if each is not None], self._clock()))
        return [None if entry is None else next(posted).number for entry in entries]

    def _values(self, match: Match, number: int | None, posted: int) -> dict[str, object]:
        return {
            "app_id": self._app_id,
            "row_id": match.line.id,
            "target": target_of(match),
            "order_id": match.order_id,
            "part": match.part,
            "rule": match.rule,
            "confidence": match.confidence,
            "amount": match.amount,
            "explanation": match.explanation,
            "reconciliation_id": self._run_id,
            "holds": True,
            "posted": posted + (number is not None),
            "entry": number,
        }


def target_of(match: Match) -> str:
    """What a line was taken for, in a few characters."""
    if match.order_id is not None:
        return f"{match.order_id}:{match.part}"
    if match.period is not None:
        return f"tiers:{match.period}"
    return f"deposit:{match.deposit}" if match.deposit is not None else "payout"


def _source(match: Match, row: Known | None) -> str:
    """Unique in the app: the same line is posted again only after it was taken back."""
    again = "" if row is None or not row.posted else f":{row.posted + 1}"
    return f"statement:{match.line.id}:{target_of(match)}{again}"


def _differs(row: Known, match: Match | None) -> bool:
    return match is None or match.amount != row.amount


def _chunks(things: Sequence[Some]) -> Iterator[Sequence[Some]]:
    return (things[start : start + AT_ONCE] for start in range(0, len(things), AT_ONCE))

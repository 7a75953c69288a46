"""Importing statements: every line once, whatever comes twice, overlaps, or breaks off."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, BinaryIO, Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions, insert, table_of
from foundation.errors import NotFoundError
from foundation.ids import new_id
from payments.statements.kinds import MARKS, Account
from payments.statements.mappings import Source
from payments.statements.reading import Statement, open_statement
from payments.statements.rows import Row
from payments.statements.survey import Survey
from payments.statements.tables import StatementFile, StatementRow

AT_ONCE: Final = 1000
"""Lines per transaction: on SQLite nobody else writes meanwhile."""
_CHUNK: Final = 256 * 1024

IMPORTING: Final = "importing"
IMPORTED: Final = "imported"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to; a dry run has no statement."""

    statement: StatementFile
    is_new: bool
    is_dry_run: bool


class Statements:
    """The statements of all apps."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._clock = clock

    def get(self, app_id: str, statement_id: str) -> StatementFile:
        """The app's statement of this id. NotFoundError."""
        mine = sa.select(StatementFile).where(StatementFile.app_id == app_id, StatementFile.id == statement_id)
        with self._sessions.read() as session:
            found = session.scalar(mine)
        if found is None:
            raise NotFoundError(f"There is no statement {statement_id}.")
        return found

    def import_file(
        self, app_id: str, file: BinaryIO, *, by: str, source: Source | None = None, is_dry_run: bool = False
    ) -> Imported:
        """Take a seekable file in. InvalidInputError for what can't be read as a statement.

        A dry run says what would come of it. An import that broke off goes on when its file is imported again.
        """
        statement = open_statement(file, source)
        survey = Survey()
        for row in statement.rows():
            survey.add(row)
        if is_dry_run:
            return self._look(app_id, statement, survey)
        made, is_new = self._begin(app_id, statement, survey, by)
        if made.status == IMPORTED:
            return Imported(made, is_new=False, is_dry_run=False)
        known = sum(self._store(made, chunk) for chunk in _chunks(statement))
        return Imported(self._finish(made.id, survey, known), is_new=is_new, is_dry_run=False)

    def _look(self, app_id: str, statement: Statement, survey: Survey) -> Imported:
        account = statement.source.account
        with self._sessions.read() as session:
            known = sum(len(_known(session, app_id, account, chunk)) for chunk in _chunks(statement))
        seen = _described(app_id, statement, survey)
        counts = {**_counts(survey), "new": survey.rows - known, "known": known, "revised": 0, "withdrawn": 0}
        made = StatementFile(id="", status="dry_run", imported_at=self._clock(), imported_by="", **seen)
        made.counts = counts
        return Imported(made, is_new=True, is_dry_run=True)

    def _begin(self, app_id: str, statement: Statement, survey: Survey, by: str) -> tuple[StatementFile, bool]:
        values = _described(app_id, statement, survey)
        statement_id = new_id("stm")
        with self._sessions.begin() as session:
            made = insert(session, StatementFile).values(
                id=statement_id, status=IMPORTING, imported_at=self._clock(), imported_by=by[:120], **values
            )
            session.execute(made.on_conflict_do_nothing(index_elements=["app_id", "fingerprint"]))
            same = sa.select(StatementFile).where(
                StatementFile.app_id == app_id, StatementFile.fingerprint == values["fingerprint"]
            )
            row = session.scalars(same).one()
        return row, row.id == statement_id

    def _store(self, made: StatementFile, chunk: Sequence[tuple[Row, str, int]]) -> int:
        """Store lines; returns how many were known before."""
        values = [
            {
                "app_id": made.app_id,
                "account": made.account,
                "digest": digest,
                "occurrence": occurrence,
                "statement_id": made.id,
                "seen_in": made.id,
                "line": row.line,
                "transaction_id": row.id,
                "kind": row.kind,
                "order_id": row.order_id,
                "order_reference": row.order_reference,
                "customer_reference": row.customer_reference,
                "payout_id": row.payout_id,
                "description": "" if row.order_id or row.order_reference else row.description,
                "amount": row.amount,
                "moment": row.moment,
                "is_day": row.is_day,
                "gone_by": None,
            }
            for row, digest, occurrence in chunk
        ]
        with self._sessions.begin() as session:
            known = _known(session, made.app_id, made.account, chunk)
            statement = insert(session, table_of(StatementRow))
            again = statement.on_conflict_do_update(
                index_elements=["app_id", "account", "digest", "occurrence"],
                set_={"seen_in": statement.excluded.seen_in, "gone_by": None},
            )
            session.execute(again, values)
        return sum(1 for _, digest, occurrence in chunk if known.get((digest, occurrence)) not in {None, made.id})

    def _finish(self, statement_id: str, survey: Survey, known: int) -> StatementFile:
        with self._sessions.begin() as session:
            made = session.get_one(StatementFile, statement_id, with_for_update=True)
            revised, withdrawn = _revise(session, made), _withdraw(session, made, survey)
            counts = {**_counts(survey), "new": survey.rows - known, "known": known}
            made.counts = {**counts, "revised": revised, "withdrawn": withdrawn}
            made.status = IMPORTED
            # Whoever has reconciled since then has seen all of it.
            made.imported_at = self._clock()
        return made


def _chunks(statement: Statement) -> Iterator[list[tuple[Row, str, int]]]:
    """The lines that move money, each with its digest and which one of the same it is."""
    times: Counter[str] = Counter()

    def numbered() -> Iterator[tuple[Row, str, int]]:
        for row in statement.rows():
            if isinstance(row, Row) and row.kind not in MARKS:
                digest = row.digest
                times[digest] += 1
                yield row, digest, times[digest]

    rows = numbered()
    while chunk := [*islice(rows, AT_ONCE)]:
        yield chunk


def _known(
    session: Session, app_id: str, account: str, chunk: Sequence[tuple[Row, str, int]]
) -> dict[tuple[str, int], str]:
    """Those of the lines that are stored, each with the file that showed it first."""
    wanted = {(digest, occurrence) for _, digest, occurrence in chunk}
    mine = sa.select(StatementRow.digest, StatementRow.occurrence, StatementRow.statement_id).where(
        StatementRow.app_id == app_id,
        StatementRow.account == account,
        StatementRow.digest.in_(sorted({digest for digest, _ in wanted})),
    )
    return {(digest, number): first for digest, number, first in session.execute(mine) if (digest, number) in wanted}


def _revise(session: Session, made: StatementFile) -> int:
    """Set aside what this file tells otherwise: lines of its transactions that it does not show."""
    shown = sa.select(StatementRow.transaction_id).where(
        StatementRow.app_id == made.app_id, StatementRow.account == made.account, StatementRow.seen_in == made.id
    )
    return _set_aside(session, made, StatementRow.transaction_id != "", StatementRow.transaction_id.in_(shown))


def _withdraw(session: Session, made: StatementFile, survey: Survey) -> int:
    """Set aside what an earlier file showed in a period of which this one proves to have every line."""
    if not survey.is_whole or made.account != Account.STORED_VALUE or made.period_start is None:
        return 0
    return _set_aside(session, made, StatementRow.moment >= made.period_start, StatementRow.moment < made.period_end)


def _set_aside(session: Session, made: StatementFile, *which: sa.ColumnElement[bool]) -> int:
    others = sa.update(StatementRow).where(
        StatementRow.app_id == made.app_id,
        StatementRow.account == made.account,
        StatementRow.gone_by.is_(None),
        StatementRow.seen_in != made.id,
        *which,
    )
    gone = session.execute(
        others.values(gone_by=made.id).returning(StatementRow.id).execution_options(synchronize_session=False)
    )
    return len(gone.all())


def _described(app_id: str, statement: Statement, survey: Survey) -> dict[str, Any]:
    notation = statement.notation
    return {
        "app_id": app_id,
        "fingerprint": _fingerprint(statement),
        "source": statement.source.name,
        "account": statement.source.account,
        "form": {
            "encoding": statement.encoding,
            "separator": statement.separator,
            "decimal_mark": notation.decimal_mark,
            "is_day_first": notation.is_day_first,
            "header_line": statement.header_line,
        },
        "period_start": survey.period_start,
        "period_end": survey.period_end,
        "opening_balance": survey.opening_balance,
        "closing_balance": survey.closing_balance,
        "sum_of_rows": survey.sum_of_rows,
        "is_whole": survey.is_whole,
        "counts": _counts(survey),
        "problems": [asdict(problem) for problem in survey.problems],
    }


def _counts(survey: Survey) -> dict[str, Any]:
    return {"rows": survey.rows, "bad": survey.bad, "by_kind": dict(sorted(survey.by_kind.items()))}


def _fingerprint(statement: Statement) -> str:
    statement.file.seek(0)
    digest = hashlib.sha256()
    while chunk := statement.file.read(_CHUNK):
        digest.update(chunk)
    digest.update(repr((statement.source.name, sorted(statement.places.items()), statement.notation)).encode())
    return digest.hexdigest()

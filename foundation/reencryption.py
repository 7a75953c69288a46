"""Rotation of the encryption keys: what is stored under an older key is written anew under the first one.

It can be stopped anywhere and begun again: what was done already is passed over. Columns that hold secrets say so in
their own definition (`info=ENCRYPTED`), so that a new one can't be forgotten here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from foundation.database import Base, Sessions
from foundation.encryption import ENCRYPTED, Vault

SHARE: Final = 200
"""Rows of one transaction."""


@dataclass(slots=True)
class Tally:
    """What became of one column's values."""

    column: str
    current: int = 0
    """Encrypted with the first key, before or by now."""
    renewed: int = 0
    """Of those, encrypted anew by this run."""
    remaining: int = 0
    """Still under an older key."""
    unreadable: int = 0
    """None of the keys reads them."""


Progress = Callable[[Tally], None]


class Reencryption:
    """Goes through all secrets."""

    def __init__(self, sessions: Sessions, vault: Vault) -> None:
        self._sessions = sessions
        self._vault = vault

    def run(self, progress: Progress = lambda _: None, *, is_dry_run: bool = False) -> list[Tally]:
        """Encrypt anew what is under an older key, or only count it; a tally for each column."""
        return [self._column(column, progress, is_dry_run=is_dry_run) for column in secret_columns()]

    def _column(self, column: sa.Column[str], progress: Progress, *, is_dry_run: bool) -> Tally:
        tally = Tally(f"{column.table.name}.{column.name}")
        for share in self._shares(column):
            old = {key: text for key, text in share.items() if not self._vault.is_current(text)}
            new = {key: renewed for key, text in old.items() if (renewed := self._vault.renew(text)) is not None}
            tally.current += len(share) - len(old)
            tally.unreadable += len(old) - len(new)
            if is_dry_run:
                tally.remaining += len(new)
            else:
                self._write(column, old, new)
                tally.renewed += len(new)
                tally.current += len(new)
            progress(tally)
        return tally

    def _shares(self, column: sa.Column[str]) -> Iterator[dict[Any, str]]:
        """The column's values by primary key, in its order, some at a time."""
        (key,) = column.table.primary_key.columns
        last: Any = None
        while True:
            query = sa.select(key, column).where(column.is_not(None)).order_by(key).limit(SHARE)
            with self._sessions.read() as session:
                rows = session.execute(query if last is None else query.where(key > last)).all()
            if not rows:
                return
            yield {row[0]: row[1] for row in rows}
            last = rows[-1][0]

    def _write(self, column: sa.Column[str], old: dict[Any, str], new: dict[Any, str]) -> None:
        """Write what was renewed, unless somebody has replaced the secret meanwhile."""
        (key,) = column.table.primary_key.columns
        if not new:
            return
        with self._sessions.begin() as session:
            for row_key, text in new.items():
                unchanged = sa.and_(key == row_key, column == old[row_key])
                session.execute(sa.update(column.table).where(unchanged).values({column: text}))


def secret_columns() -> list[sa.Column[Any]]:
    """Every column of every table that holds secrets."""
    tables = sorted(Base.metadata.tables.values(), key=lambda table: table.name)
    return [column for table in tables for column in table.columns if ENCRYPTED.items() <= column.info.items()]

"""The draft: the curation that a merchandiser works on. Nothing of it shows before it is published."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from catalog_sync.curation import in_force, supplied
from catalog_sync.curation.model import Curation, SeenOverride
from catalog_sync.curation.reading import read_curation, read_stored_override, write_curation
from catalog_sync.tables import CurationDraft, ProductOverride
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions, insert
from foundation.errors import ConflictError

NEVER: Final = 0
"""The revision of a draft that nobody has edited yet."""


class DraftChangedError(ConflictError):
    """The draft, or the override, is no longer the one that the caller has seen."""

    code = "precondition_failed"


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft as it stands. `revision` goes up with every edit, of overrides too."""

    curation: Curation
    """Without its overrides, which are read one by one."""
    revision: int
    updated_at: datetime | None
    overrides: int
    """How many products are overridden."""
    version_in_force: int | None

    @property
    def document(self) -> dict[str, Any]:
        """Rules, collections and default as JSON."""
        return write_curation(self.curation)


class CurationDrafts:
    """Reads and edits the drafts of all apps. `expected` is the revision that the caller has seen, None for any."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._clock = clock

    def get(self, app_id: str) -> Draft:
        """The draft; an empty one if there is none yet."""
        with self._sessions.read() as session:
            return describe(session, app_id, session.get(CurationDraft, app_id))

    def whole(self, app_id: str) -> Curation:
        """The draft with all of its overrides, as publishing it would put it in force."""
        with self._sessions.read() as session:
            return read_whole(session, app_id)

    def replace(self, app_id: str, curation: Curation, expected: int | None = None) -> Draft:
        """Put another curation in the draft's place; overrides stay. DraftChangedError if it has changed since."""
        return self.edit(app_id, lambda _before: curation, expected)

    def edit(self, app_id: str, change: Callable[[Curation], Curation], expected: int | None = None) -> Draft:
        """Make of the draft what `change` makes of it, in one transaction."""
        with self._sessions.begin() as session:
            row = edited(session, app_id, self._clock(), expected)
            row.document = write_curation(change(read_curation(row.document)))
            session.flush()
            return describe(session, app_id, row)

    def load(self, app_id: str, curation: Curation, *, with_overrides: bool, expected: int | None = None) -> Draft:
        """Put a curation from a file in the draft's place, with its overrides or leaving those that exist alone.

        Its overrides are taken to have been written over what the supplier says at present.
        """
        with self._sessions.begin() as session:
            if with_overrides:
                curation = replace(curation, overrides=supplied.seen_now(session, app_id, curation))
            row = load(session, app_id, curation, self._clock(), with_overrides=with_overrides, expected=expected)
            session.flush()
            return describe(session, app_id, row)


def edited(session: Session, app_id: str, now: datetime, expected: int | None = None) -> CurationDraft:
    """The draft's row, nobody else's until the transaction ends, with a new revision.

    DraftChangedError if its revision is not the expected one.
    """
    empty = write_curation(Curation())
    fresh = insert(session, CurationDraft).values(app_id=app_id, document=empty, revision=NEVER, updated_at=now)
    session.execute(fresh.on_conflict_do_nothing())
    row = session.scalars(_locked(app_id)).one()
    _check(row.revision, expected)
    row.revision += 1
    row.updated_at = now
    return row


def hold(session: Session, app_id: str, expected: int | None = None) -> None:
    """Let nobody edit the draft until the transaction ends. DraftChangedError if it has changed since."""
    row = session.scalars(_locked(app_id)).one_or_none()
    _check(NEVER if row is None else row.revision, expected)


def revision(session: Session, app_id: str) -> int:
    """The draft's revision."""
    row = session.get(CurationDraft, app_id)
    return NEVER if row is None else row.revision


def load(
    session: Session,
    app_id: str,
    curation: Curation,
    now: datetime,
    *,
    with_overrides: bool,
    expected: int | None = None,
) -> CurationDraft:
    """Put a whole curation in the draft's place, with its overrides or leaving those that exist alone."""
    row = edited(session, app_id, now, expected)
    row.document = write_curation(curation)
    if with_overrides:
        session.execute(sa.delete(ProductOverride).where(ProductOverride.app_id == app_id))
        rows = [
            {
                "app_id": app_id,
                "product_id": product_id,
                "values": entry.override.write(),
                "seen": dict(entry.seen),
                "updated_at": now,
            }
            for product_id, entry in curation.overrides.items()
        ]
        if rows:
            session.execute(sa.insert(ProductOverride), rows)
    return row


def read_whole(session: Session, app_id: str) -> Curation:
    """The draft with all of its overrides."""
    row = session.get(CurationDraft, app_id)
    curation = Curation() if row is None else read_curation(row.document)
    stored = sa.select(ProductOverride.product_id, ProductOverride.values, ProductOverride.seen).where(
        ProductOverride.app_id == app_id
    )
    overrides = {
        product_id: SeenOverride(read_stored_override(values), seen)
        for product_id, values, seen in session.execute(stored)
    }
    return replace(curation, overrides=overrides)


def describe(session: Session, app_id: str, row: CurationDraft | None) -> Draft:
    """The draft of a row; an empty one for None."""
    count = sa.select(sa.func.count()).select_from(ProductOverride).where(ProductOverride.app_id == app_id)
    return Draft(
        curation=Curation() if row is None else read_curation(row.document),
        revision=NEVER if row is None else row.revision,
        updated_at=None if row is None else row.updated_at,
        overrides=session.scalar(count) or 0,
        version_in_force=in_force.number(session, app_id),
    )


def _locked(app_id: str) -> sa.Select[CurationDraft]:
    return sa.select(CurationDraft).where(CurationDraft.app_id == app_id).with_for_update()


def _check(revision: int, expected: int | None) -> None:
    if expected is not None and revision != expected:
        raise DraftChangedError("The draft has changed since. Read it again, then repeat the change.")

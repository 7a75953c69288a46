"""Overrides: what a merchandiser says of one product instead of the supplier. They outlast the product's absence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from catalog_sync.curation import in_force, supplied
from catalog_sync.curation.drafts import DraftChangedError, edited
from catalog_sync.curation.model import OVERRIDDEN_AS, Override
from catalog_sync.curation.placement import Placement
from catalog_sync.curation.reading import read_stored_override
from catalog_sync.curation.supplied import NEVER_SEEN, Supplied
from catalog_sync.publishing.layers import layers
from catalog_sync.tables import ID, ProductOverride
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions, insert
from foundation.errors import Fault, InvalidInputError, NotFoundError

_PER_FETCH = 200


@dataclass(frozen=True, slots=True)
class Staleness:
    """A field that the supplier has changed since it was overridden."""

    field: str
    then: Any
    now: Any


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product as the override's page needs it: is it there, what is said instead of it, and what it says itself."""

    product_id: str
    is_present: bool
    override: Override | None
    updated_at: datetime | None
    stale: tuple[Staleness, ...]
    supplied: Mapping[str, Any]
    """What the supplier says, or said last, in the fields that can be overridden; empty for a product never seen."""


class ProductOverrides:
    """The overrides of all apps' drafts."""

    def __init__(self, sessions: Sessions, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._clock = clock

    def put(self, app_id: str, product_id: str, override: Override, expected: datetime | None = None) -> ProductView:
        """Say this of the product, whether or not the supplier has it just now.

        InvalidInputError for what can't be an id; DraftChangedError if the override is not of the `expected` moment.
        """
        if not ID.fullmatch(product_id):
            raise InvalidInputError("No product has such an id.", [Fault("", "bad_id", "is no id of a product")])
        now = self._clock()
        with self._sessions.begin() as session:
            edited(session, app_id, now)
            _check_moment(session, app_id, product_id, expected)
            written = override.write()
            seen = supplied.seen_under(written, _supplied(session, app_id, product_id))
            row = {"app_id": app_id, "product_id": product_id, "values": written, "seen": seen, "updated_at": now}
            key = [ProductOverride.app_id, ProductOverride.product_id]
            changed = {name: row[name] for name in ("values", "seen", "updated_at")}
            session.execute(
                insert(session, ProductOverride).values(row).on_conflict_do_update(index_elements=key, set_=changed)
            )
            return _read(session, app_id, product_id)

    def delete(self, app_id: str, product_id: str, expected: datetime | None = None) -> None:
        """Leave the product to the supplier again. NotFoundError if nothing is overridden."""
        with self._sessions.begin() as session:
            _check_moment(session, app_id, product_id, expected)
            gone = sa.delete(ProductOverride).where(
                ProductOverride.app_id == app_id, ProductOverride.product_id == product_id
            )
            if session.scalar(gone.returning(ProductOverride.product_id)) is None:
                raise NotFoundError("Nothing of this product is overridden.")
            edited(session, app_id, self._clock())

    def get(self, app_id: str, product_id: str) -> ProductView:
        """What is overridden of the product. NotFoundError for one neither seen nor overridden."""
        with self._sessions.read() as session:
            view = _read(session, app_id, product_id)
        if view.override is None and not view.supplied and not view.is_present:
            raise NotFoundError("There is no such product.")
        return view

    def layers(self, app_id: str, product_id: str) -> dict[str, str]:
        """Which layer each published field of the product comes from under the version in force.

        Empty for a product that the supplier does not have.
        """
        with self._sessions.read() as session:
            product = supplied.read_product_of(session, app_id, product_id)
            entry = in_force.read(session, app_id).overrides.get(product_id)
        if product is None:
            return {}
        values = {} if entry is None else entry.override.published_values
        return {name: layer.value for name, layer in layers(product, Placement(values=values)).items()}

    def find(self, app_id: str, limit: int, after: str = "", *, only_stale: bool = False) -> list[ProductView]:
        """Up to `limit` overrides whose product id comes after `after`, by product id."""
        found: list[ProductView] = []
        with self._sessions.read() as session:
            for view in _all(session, app_id, after):
                if view.stale or not only_stale:
                    found.append(view)
                if len(found) == limit:
                    break
        return found


def staleness(override: Override, seen: Mapping[str, Any], values: Mapping[str, Any]) -> tuple[Staleness, ...]:
    """The overridden fields in which the supplier no longer says what was seen when they were written."""
    written = override.write()
    return tuple(
        Staleness(name, seen[name], values[name])
        for name in OVERRIDDEN_AS
        if name in written and name in seen and name in values and seen[name] != values[name]
    )


def _supplied(session: Session, app_id: str, product_id: str) -> Supplied:
    return supplied.read(session, app_id, [product_id]).get(product_id, NEVER_SEEN)


def _read(session: Session, app_id: str, product_id: str) -> ProductView:
    row = session.get(ProductOverride, (app_id, product_id), populate_existing=True)
    return _view(product_id, row, _supplied(session, app_id, product_id))


def _view(product_id: str, row: ProductOverride | None, known: Supplied) -> ProductView:
    if row is None:
        return ProductView(product_id, known.is_present, None, None, (), known.values)
    override = read_stored_override(row.values)
    stale = staleness(override, row.seen, known.values)
    return ProductView(product_id, known.is_present, override, row.updated_at, stale, known.values)


def _all(session: Session, app_id: str, after: str) -> Iterator[ProductView]:
    """Every override after a product id, some hundred read at a time."""
    while True:
        rows = session.scalars(
            sa.select(ProductOverride)
            .where(ProductOverride.app_id == app_id, ProductOverride.product_id > after)
            .order_by(ProductOverride.product_id)
            .limit(_PER_FETCH)
        ).all()
        known = supplied.read(session, app_id, [row.product_id for row in rows])
        yield from (_view(row.product_id, row, known.get(row.product_id, NEVER_SEEN)) for row in rows)
        if len(rows) < _PER_FETCH:
            return
        after = rows[-1].product_id


def _check_moment(session: Session, app_id: str, product_id: str, expected: datetime | None) -> None:
    if expected is None:
        return
    row = session.get(ProductOverride, (app_id, product_id))
    if row is None or row.updated_at != expected:
        raise DraftChangedError("The override has changed since. Read it again, then repeat the change.")

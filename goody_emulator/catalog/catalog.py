"""The invented gift catalog: drawn from the seed, then changed for one app or for all."""

import threading
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import msgspec

from goody_emulator.catalog.changes import Action, Change, Entry, UnfitChangeError
from goody_emulator.catalog.dice import dice, drawn_id
from goody_emulator.catalog.drawn import Drawn
from goody_emulator.catalog.editing import Editing
from goody_emulator.catalog.history import EVERYBODY, History, Stamp
from goody_emulator.catalog.model import Product, Variant
from goody_emulator.catalog.products import draw_product
from goody_emulator.catalog.shelf import Shelf
from goody_emulator.errors import RefusedError
from goody_emulator.state.store import Store
from goody_emulator.state.timestamps import shown

_SHELVES_KEPT: Final = 32


class Catalog:
    """What there is to give; each app sees its own shelf of it."""

    def __init__(self, seed: int, products: int, store: Store) -> None:
        self.drawn = Drawn(seed, products)
        self._store = store
        self._history = History(store)
        self._untouched = Shelf.as_drawn(self.drawn)
        self._shelves: OrderedDict[Stamp, Shelf] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, app_id: str | None) -> Shelf:
        """Return what an app sees, with its own and everybody's changes; None asks for everybody's alone."""
        scope = app_id or EVERYBODY
        while True:
            stamp = self._history.stamp(scope)
            known = self._known(stamp)
            if known is not None:
                return known
            shelf = self._replayed(scope)
            # What was read after a change made meanwhile must not be kept as the state before it.
            if stamp == self._history.stamp(scope):
                return self._kept(stamp, shelf)

    def change(self, app_id: str | None, changes: Sequence[Change], *, by_drift: bool = False) -> list[Entry]:
        """Make changes for an app or for all, inside the caller's transaction; RefusedError names the first unfit one.

        With the error the caller's transaction takes back the ones before it.
        """
        scope, editing = app_id or EVERYBODY, Editing(self.of(app_id))
        entries = []
        for number, change in enumerate(changes):
            try:
                entry = self._entry(scope, change, by_drift=by_drift)
                editing.apply(entry)
            except UnfitChangeError as error:
                raise RefusedError(f"changes[{number}] ({change.action}): {error}") from error
            self._history.append(entry)
            entries.append(entry)
        # Should the transaction fail, nobody will ever ask for this stamp.
        self._kept(self._history.stamp(scope), editing.finished())
        return entries

    def changes(self, app_id: str | None) -> list[Entry]:
        """Return the changes an app sees, or all of all apps, oldest first."""
        return self._history.everything() if app_id is None else self._history.of(app_id)

    def undo(self, app_id: str | None) -> None:
        """Take back an app's own changes, or all changes, inside the caller's transaction."""
        self._history.undo(app_id)

    def anywhere(self, product_id: str) -> Product | None:
        """Return a product that was drawn or that any app added, as it was at first."""
        return self.drawn.products.get(product_id) or self.added(product_id)

    def added(self, product_id: str) -> Product | None:
        """Return a product that was added, whichever app did, as it was at first."""
        return self._history.added(product_id)

    def _entry(self, scope: str, change: Change, *, by_drift: bool) -> Entry:
        moment = self._store.clock.now()
        added = self._draw(scope, change, moment) if change.action is Action.ADD else None
        return Entry(str(uuid.uuid4()), scope, change, added, by_drift, moment)

    def _draw(self, scope: str, change: Change, moment: int) -> Product:
        if change.product_id is not None:
            raise UnfitChangeError("A new product gets an id of its own, or that of `new_id`; leave `product_id` out.")
        if change.new_id in self.drawn.products or change.new_id in self.of(scope).stock:
            raise UnfitChangeError("There is a product of that `new_id`; leave it out, or choose another.")
        place = f"added/{scope}/{self._history.count_added(scope)}"
        brand_id = change.brand_id or dice(self.drawn.seed, place).choice(self.drawn.maker_ids)
        brand = self.drawn.brands.get(brand_id)
        if brand is None:
            raise UnfitChangeError("There is no such brand; GET /v1/brands lists them.")
        drawn = draw_product(self.drawn.seed, place, brand, self.drawn.trades[brand_id])
        return _as_wished(drawn, change, moment)

    def _known(self, stamp: Stamp) -> Shelf | None:
        if stamp == (None, None):
            return self._untouched
        with self._lock:
            if stamp in self._shelves:
                self._shelves.move_to_end(stamp)
            return self._shelves.get(stamp)

    def _kept(self, stamp: Stamp, shelf: Shelf) -> Shelf:
        if stamp != (None, None):
            with self._lock:
                self._shelves[stamp] = shelf
                while len(self._shelves) > _SHELVES_KEPT:
                    self._shelves.popitem(last=False)
        return shelf

    def _replayed(self, scope: str) -> Shelf:
        editing = Editing(self._untouched)
        for entry in self._history.of(scope):
            # Everybody's change may not fit an app that changed the same thing before.
            with suppress(UnfitChangeError):
                editing.apply(entry)
        return editing.finished()


def _as_wished(drawn: Product, change: Change, moment: int) -> Product:
    wished = msgspec.structs.replace(drawn, name=change.name or drawn.name, updated_at=shown(moment))
    if change.new_id is not None:
        wished = msgspec.structs.replace(wished, id=change.new_id)
    if change.variants is not None:
        variants = [Variant(drawn_id(dice(wished.id, name)), name) for name in change.variants]
        chosen = 1 if variants else None
        wished = msgspec.structs.replace(wished, variants=variants, variants_num_selectable=chosen, variant_groups=[])
    if change.price is None:
        return wished
    return msgspec.structs.replace(wished, price=change.price, price_is_variable=False, price_min=None, price_max=None)

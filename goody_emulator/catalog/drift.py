"""A catalog that changes while it is being paged through."""

from enum import StrEnum, unique
from random import Random
from typing import Annotated, Any, Final

import msgspec

from goody_emulator.catalog.catalog import Catalog
from goody_emulator.catalog.changes import Action, Change
from goody_emulator.catalog.dice import dice
from goody_emulator.catalog.history import EVERYBODY
from goody_emulator.catalog.model import Product
from goody_emulator.catalog.shelf import Shelf, Wanted
from goody_emulator.state.store import Row, Store

_LOWEST_PRICE: Final = 100
_STEPS_SHOWN: Final = 100
_COUNTS = Annotated[int, msgspec.Meta(ge=1, le=1000)]


@unique
class Movement(StrEnum):
    """What happens to the list after a page."""

    REMOVE = "remove"
    """Products that were served vanish: others slide forward over the edge of the page, and a crawl skips them."""
    INSERT = "insert"
    """New products appear before the edge: others slide back over it, and a crawl sees them twice."""
    REPRICE = "reprice"
    """Products that were served get another price."""
    REORDER = "reorder"
    """Products change sides: one not yet served goes to the front, or one that was goes to the end."""


class Drifting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a catalog drifts."""

    action: Movement
    every: _COUNTS = 1
    """Pages of products from one change to the next."""
    count: _COUNTS = 1
    """How many products each change concerns."""
    times: _COUNTS | None = None
    """How often it happens; None goes on until it is ended."""
    seed: int = 1


class Drift:
    """Lets catalogs drift, each app's own or everybody's."""

    def __init__(self, store: Store, catalog: Catalog) -> None:
        self._store = store
        self._catalog = catalog

    def begin(self, app_id: str | None, drifting: Drifting) -> None:
        """Let a catalog drift from now on, instead of as it did before."""
        scope, wanted = app_id or EVERYBODY, msgspec.json.encode(drifting).decode()
        with self._store.transaction():
            self._store.execute("DELETE FROM catalog_drifts WHERE app_id = ?", scope)
            self._store.insert("catalog_drifts", {"app_id": scope, "wanted": wanted})

    def end(self, app_id: str | None) -> None:
        """End an app's drift, or all; what was changed stays so."""
        with self._store.transaction():
            self._store.execute("DELETE FROM catalog_drifts WHERE app_id = coalesce(?, app_id)", app_id)

    def shown(self, app_id: str | None) -> dict[str, Any] | None:
        """Return how a catalog drifts and what that did so far, or None when it does not."""
        row = self._store.row("SELECT * FROM catalog_drifts WHERE app_id = ?", app_id or EVERYBODY)
        if row is None:
            return None
        counts = {"pages_served": row["pages_served"], "times_done": row["times_done"]}
        return {**msgspec.json.decode(row["wanted"]), **counts, "latest": msgspec.json.decode(row["steps"])}

    def after_page(self, app_id: str, wanted: Wanted, start: int, stop: int) -> None:
        """Tell that a page of products was served to an app."""
        query = "SELECT app_id FROM catalog_drifts WHERE app_id IN (?, ?)"
        if not self._store.rows(query, EVERYBODY, app_id):
            return
        with self._store.transaction():
            for row in self._store.rows(query.replace("app_id FROM", "* FROM"), EVERYBODY, app_id):
                self._count(row, wanted, start, stop)

    def _count(self, row: Row, wanted: Wanted, start: int, stop: int) -> None:
        served, done, steps = row["pages_served"] + 1, row["times_done"], msgspec.json.decode(row["steps"])
        drifting = msgspec.json.decode(row["wanted"], type=Drifting)
        if served % drifting.every == 0 and (drifting.times is None or done < drifting.times):
            products = self._move(row["app_id"], drifting, served, wanted, stop)
            steps.append({"pages_served": served, "page": start // (stop - start) + 1, "product_ids": products})
            done += 1
        self._store.execute(
            "UPDATE catalog_drifts SET pages_served = ?, times_done = ?, steps = ? WHERE app_id = ?",
            served,
            done,
            msgspec.json.encode(steps[-_STEPS_SHOWN:]).decode(),
            row["app_id"],
        )

    def _move(self, scope: str, drifting: Drifting, served: int, wanted: Wanted, stop: int) -> list[str]:
        rng, shelf = dice(drifting.seed, "drift", served), self._catalog.of(scope)
        changes = _changes(drifting, rng, shelf, wanted, stop)
        made = self._catalog.change(scope, changes, by_drift=True)
        return [entry.added.id if entry.added else entry.change.product_id or "" for entry in made]


def _changes(drifting: Drifting, rng: Random, shelf: Shelf, wanted: Wanted, stop: int) -> list[Change]:
    listing = shelf.listing(wanted)
    served, ahead = listing[:stop], listing[stop:]
    if drifting.action is Movement.INSERT:
        return [_insertion(rng, shelf, served) for _ in range(drifting.count) if served]
    if drifting.action is Movement.REORDER:
        return _swaps(rng, served, ahead, drifting.count)
    if drifting.action is Movement.REPRICE:
        fixed = [product for product in served if not product.price_is_variable]
        return [Change(Action.REPRICE, each.id, price=_other_price(rng, each)) for each in _some(rng, fixed, drifting)]
    return [Change(Action.REMOVE, each.id) for each in _some(rng, served, drifting)]


def _insertion(rng: Random, shelf: Shelf, served: list[Product]) -> Change:
    # A sibling of what was served is sure to be in the list that is being paged through.
    before = rng.choice([each for each in served if each.status == "active"] or served)
    order = [product.id for product in shelf.listing(Wanted())]
    return Change(Action.ADD, brand_id=before.brand.id, place=order.index(before.id) if before.id in order else 0)


def _some(rng: Random, products: list[Product], drifting: Drifting) -> list[Product]:
    return rng.sample(products, min(len(products), drifting.count))


def _swaps(rng: Random, served: list[Product], ahead: list[Product], count: int) -> list[Change]:
    forward = rng.sample(ahead, min(len(ahead), (count + 1) // 2))
    back = rng.sample(served, min(len(served), count - len(forward)))
    return [Change(Action.MOVE, each.id, place=0) for each in forward] + [Change(Action.MOVE, each.id) for each in back]


def _other_price(rng: Random, product: Product) -> int:
    factor = rng.choice((75, 90, 110, 125))
    return max(_LOWEST_PRICE, product.price * factor // 100)

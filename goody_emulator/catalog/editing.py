"""Where changes are made: on a copy of a shelf, which becomes the next one."""

from itertools import islice
from typing import Any

import msgspec

from goody_emulator.catalog.changes import (
    Action,
    Change,
    Entry,
    UnfitChangeError,
    checked_brand,
    checked_name,
    checked_price,
    checked_shipping,
)
from goody_emulator.catalog.model import Brand, Product
from goody_emulator.catalog.shelf import Shelf
from goody_emulator.state.timestamps import shown


class Editing:
    """A copy of a shelf, on which changes are made."""

    def __init__(self, shelf: Shelf) -> None:
        self._drawn = shelf.drawn
        self._stock = dict(shelf.stock)
        self._order = list(shelf.stock)
        self._brands = dict(shelf.brands)
        self._gone = set(shelf.gone)
        self._cards = dict(shelf.cards)
        self._paths = dict(shelf.paths)

    def finished(self) -> Shelf:
        """Return the shelf as it is now."""
        stock = {product_id: self._stock[product_id] for product_id in self._order}
        gone = frozenset(self._gone)
        return Shelf(self._drawn, stock, self._brands, gone, cards=self._cards, paths=self._paths)

    def apply(self, entry: Entry) -> None:
        """Make a change; UnfitChangeError when it does not fit the shelf."""
        change, moment = entry.change, shown(entry.made_at)
        match change.action:
            case Action.ADD:
                self._add(entry)
            case Action.ADD_CARD:
                self._add_card(change)
            case Action.REMOVE:
                self._gone.add(self._product(change).id)
            case Action.RESTORE:
                self._restore(change, moment)
            case Action.MOVE:
                self._put(self._product(change).id, change.place)
            case Action.REBRAND_SHIPPING:
                self._change_brand(change, moment, checked_shipping(change))
            case Action.EXCLUDE_FROM_REVSHARE:
                self._change_brand(change, moment, {"commerce_revshare_excluded": change.excluded})
            case Action.TOUCH if change.product_id is None:
                self._change_brand(change, moment, {})
            case _:
                self._change_product(change, moment)

    def _product(self, change: Change) -> Product:
        product = self._stock.get(change.product_id or "")
        if product is None:
            raise UnfitChangeError("Name a product of the catalog as `product_id`; GET /v1/products lists them.")
        if product.id in self._gone:
            raise UnfitChangeError(f"{product.name} was removed; `restore` brings it back.")
        return product

    def _add(self, entry: Entry) -> None:
        # The brand as it is by now: its shipping may have changed.
        brand = None if entry.added is None else self._brands.get(entry.added.brand.id)
        if entry.added is None or brand is None:  # A kept state may be of a catalog of another seed.
            raise UnfitChangeError("The brand of the new product is not in this catalog.")
        added = msgspec.structs.replace(entry.added, brand=brand)
        self._stock[added.id] = added
        self._order.append(added.id)
        self._put(added.id, entry.change.place)
        if entry.change.path is not None:
            self._paths[entry.change.path.rstrip("/")] = added.id

    def _add_card(self, change: Change) -> None:
        if change.new_id is None or change.new_id in self._cards:
            raise UnfitChangeError("Give the card an id that no card has as `new_id`.")
        design = next(iter(self._drawn.cards.values()))
        self._cards[change.new_id] = msgspec.structs.replace(design, id=change.new_id)

    def _restore(self, change: Change, moment: str) -> None:
        product_id = change.product_id or ""
        if product_id not in self._gone:
            raise UnfitChangeError("Name a product that was removed as `product_id`.")
        self._gone.remove(product_id)
        self._replace(product_id, updated_at=moment)

    def _change_product(self, change: Change, moment: str) -> None:
        product = self._product(change)
        values: dict[str, Any] = {}
        match change.action:
            case Action.REPRICE:
                values = dict(checked_price(change, product))
            case Action.RENAME:
                values = {"name": checked_name(change)}
            case Action.ACTIVATE | Action.DEACTIVATE:
                values = {"status": "active" if change.action is Action.ACTIVATE else "inactive"}
        self._replace(product.id, **values, updated_at=moment)

    def _change_brand(self, change: Change, moment: str, values: dict[str, Any]) -> None:
        product = None if change.product_id is None else self._product(change)
        brand = msgspec.structs.replace(checked_brand(change, self._brands, product), **values)
        self._brands[brand.id] = brand
        for product_id in self._of_brand(brand):
            self._replace(product_id, brand=brand, updated_at=moment)

    def _of_brand(self, brand: Brand) -> list[str]:
        return [product.id for product in self._stock.values() if product.brand.id == brand.id]

    def _replace(self, product_id: str, **values: Any) -> None:  # noqa: ANN401 - values of any field
        self._stock[product_id] = msgspec.structs.replace(self._stock[product_id], **values)

    def _put(self, product_id: str, place: int | None) -> None:
        self._order.remove(product_id)
        at = len(self._order)
        if place is not None:
            listed = (number for number, each in enumerate(self._order) if self._is_counted(each))
            at = next(islice(listed, place, None), at)
        self._order.insert(at, product_id)

    def _is_counted(self, product_id: str) -> bool:
        """Tell whether a product is one of those that places are counted by."""
        is_there = product_id not in self._gone and product_id not in self._drawn.gift_collections
        return is_there and self._stock[product_id].status == "active"

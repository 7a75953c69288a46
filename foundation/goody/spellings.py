"""Goody spells some things in two ways; this is the one place that knows the other way.

Every function takes what JSON decodes to and returns it under the one spelling that is stored here. What is already
spelt so wins over what is not, and nothing handed in is changed.
"""

from typing import Any, Final

Tree = Any

_ORDER: Final = {
    "individual_order_link": "individual_gift_link",
    "individual_gift_link_shared": "individual_gift_link",
    "gift_batch_id": "order_batch_id",
}
_BATCH: Final = {"gifts_count": "orders_count", "gifts_preview": "orders_preview"}
_PRICE: Final = {"cart_price_estimate": "cart_price", "total_price_estimate": "total_price"}


def event_name(name: str) -> str:
    """The name of a webhook event under its one spelling."""
    if name == "order.accepted":
        return "order.gift_accepted"
    family, dot, happening = name.partition(".")
    return f"order_batch.{happening}" if family == "gift_batch" and dot else name


def respell_order(tree: Tree) -> Tree:
    """An order under one spelling."""
    return _respell(tree, _ORDER)


def respell_order_batch(tree: Tree) -> Tree:
    """A batch, and the orders it previews, under one spelling."""
    batch = _respell(tree, _BATCH)
    if isinstance(batch, dict) and isinstance(batch.get("orders_preview"), list):
        batch["orders_preview"] = [respell_order(order) for order in batch["orders_preview"]]
    return batch


def respell_order_activity(tree: Tree) -> Tree:
    """An activity, and the order it is about, under one spelling."""
    if isinstance(tree, dict) and "order" in tree:
        return {**tree, "order": respell_order(tree["order"])}
    return tree


def respell_price(tree: Tree) -> Tree:
    """A price under one spelling."""
    return _respell(tree, _PRICE)


def _respell(tree: Tree, others: dict[str, str]) -> Tree:
    if not isinstance(tree, dict):
        return tree
    respelt = {key: value for key, value in tree.items() if key not in others}
    for other, name in others.items():
        # A null under one spelling must not hide the value under the other.
        if tree.get(other) is not None and respelt.get(name) is None:
            respelt[name] = tree[other]
    return respelt

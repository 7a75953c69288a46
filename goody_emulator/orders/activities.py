"""Changes of orders' status, as Goody lists them."""

from collections.abc import Sequence

from goody_emulator.orders.orders import Orders
from goody_emulator.orders.wire import Json
from goody_emulator.quirks import Quirk
from goody_emulator.state.store import Row
from goody_emulator.state.timestamps import shown, shown_or_none


def shown_activities(rows: Sequence[Row], orders: Orders, quirks: frozenset[Quirk], base: str) -> list[Json]:
    """Return activities in Goody's shape, each with its order as that is now, or in its status of then by a quirk."""
    found = orders.find_all({row["order_id"] for row in rows})
    in_shape = {order["id"]: order for order in orders.shown_all(found, base)}
    if Quirk.STALE_EXPIRATION in quirks:
        for order in found:
            in_shape[order["id"]]["expires_at"] = shown_or_none(orders.batch_of(order)["expires_at"])
    is_of_its_time = Quirk.ACTIVITY_OF_ITS_TIME in quirks
    return [
        {
            "id": row["id"],
            "order_status": row["order_status"],
            "created_at": shown(row["created_at"]),
            "order": in_shape[row["order_id"]] | ({"status": row["order_status"]} if is_of_its_time else {}),
        }
        for row in rows
        if row["order_id"] in in_shape
    ]

"""Finding a batch at Goody by our reference, when the answer that would have named it was lost.

Goody has no filter by reference. Orders made since a time name their batches; after those, every page of batches.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import msgspec

from foundation.goody.client import GoodyClient
from foundation.goody.resources import OrderBatch
from foundation.goody.walking import walk

CLOCK_DRIFT: Final = timedelta(minutes=10)
"""How far Goody's clock may lie behind ours: what happened there since a moment of ours is asked for from earlier."""


def find_batch(
    goody: GoodyClient, reference: str, since: datetime, known: Collection[str] = frozenset()
) -> OrderBatch | None:
    """The batch that carries this reference; None if Goody shows none. Raises GoodyError if it can't be told.

    `since` is a moment safely before the first attempt (UTC); `known` are Goody's ids of batches of other references.
    """
    recent = walk(lambda page: goody.orders(page, created_after=since))
    for batch_id in dict.fromkeys(order.order_batch_id for order in recent):
        if batch_id is not None and batch_id not in known:
            batch = goody.order_batch(batch_id)
            if batch.customer_reference_id == reference:
                return batch
    return next((batch for batch in walk(goody.order_batches) if batch.customer_reference_id == reference), None)


def with_all_orders(goody: GoodyClient, batch: OrderBatch) -> OrderBatch:
    """The batch with every order in its preview: Goody puts at most ten there, and pages the rest."""
    if len(batch.orders_preview) >= batch.orders_count:
        return batch
    orders = tuple(walk(lambda page: goody.order_batch_orders(batch.id, page)))
    return msgspec.structs.replace(batch, orders_preview=orders)

"""Cancelling orders on the partner's request."""

from typing import Final

from payments.order_change_states import ChangeState
from payments.order_changes import OrderChanges
from payments.order_wishes import BatchNotCancelableError, Cancellation
from payments.orders import NOT_SENT_YET
from payments.queries import Orders, Owner
from payments.tables import Order

BATCH_ID: Final = "ob_"


class Cancellations:
    """Cancels orders of every app."""

    def __init__(self, orders: Orders, changes: OrderChanges) -> None:
        self._orders = orders
        self._changes = changes

    def cancel(self, owner: Owner, order_id: str) -> tuple[Order, ChangeState]:
        """Cancel an order; see OrderChanges.request. BatchNotCancelableError, which says what can be, for a batch's id.

        Goody cancels orders in `created`, `notified` and `opened`, and no batch: not even a scheduled one.
        """
        if order_id.startswith(BATCH_ID):
            self._refuse(owner, order_id)
        return self._changes.request(owner, order_id, Cancellation())

    def _refuse(self, owner: Owner, batch_id: str) -> None:
        batch = self._orders.batch(owner, batch_id)
        if batch.send_status == NOT_SENT_YET or batch.goody_batch_id is None:
            detail = (
                "A batch can't be cancelled, and this one has no orders yet. Its orders can be cancelled once they "
                f"exist: follow GET /v1/order_batches/{batch_id} or the event order.created, then cancel each of them."
            )
        else:
            detail = (
                f"A batch can't be cancelled: cancel its orders, which GET /v1/order_batches/{batch_id}/orders lists."
            )
        raise BatchNotCancelableError(detail)

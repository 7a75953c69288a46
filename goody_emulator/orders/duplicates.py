"""What happens when a customer_reference_id is used again. Goody says only that it is an error, so quirks vary it."""

from http import HTTPStatus
from typing import Any, Final

from goody_emulator.errors import RefusedError
from goody_emulator.quirks import Quirk
from goody_emulator.state.store import Row, Store

_TEXT: Final = "Customer reference has already been taken"
_OTHER_TEXT: Final = "Validation failed: an order batch for this request exists"
_STATUSES: Final = {
    Quirk.DUPLICATE_CONFLICT: HTTPStatus.CONFLICT,
    Quirk.DUPLICATE_UNPROCESSABLE: HTTPStatus.UNPROCESSABLE_ENTITY,
}


class DuplicateReferenceError(RefusedError):
    """The reference has been used before: answered with 400, or with the status of a quirk."""

    def __init__(self, text: str, status: HTTPStatus) -> None:
        super().__init__(text)
        self.status = status


def first_batch(store: Store, row: dict[str, Any], quirks: frozenset[Quirk]) -> Row | None:
    """Return the batch to answer with instead of a new one, None when the new one is to be inserted.

    DuplicateReferenceError when its reference is taken. Where a quirk lets a reference be used again, the new row is
    kept without its key, for the key is unique. To be called inside the transaction that inserts the row.
    """
    if row["reference_key"] is None:
        return None
    found = store.row(
        "SELECT * FROM order_batches WHERE app_id = ? AND reference_key = ?", row["app_id"], row["reference_key"]
    )
    if found is None or Quirk.DUPLICATE_CREATED in quirks:
        return found
    if Quirk.REFERENCE_NOT_UNIQUE in quirks:
        row["reference_key"] = None
        return None
    status = next((status for quirk, status in _STATUSES.items() if quirk in quirks), HTTPStatus.BAD_REQUEST)
    raise DuplicateReferenceError(_OTHER_TEXT if Quirk.DUPLICATE_TEXT in quirks else _TEXT, status)

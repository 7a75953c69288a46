"""When an endpoint that fails and fails is disabled, by Svix's rule of five days."""

from typing import Final

from goody_emulator.state.store import Row, Store

_HOUR: Final = 3_600_000
DISABLED_AFTER: Final = 120 * _HOUR
"""Milliseconds of nothing but failures after which an endpoint is disabled."""
_SPAN: Final = (12 * _HOUR, 24 * _HOUR)
"""Only once failures lie this far apart, and no further, do the five days begin: a short outage is forgiven."""


class Health:
    """Keeps how long each endpoint has failed. Everything is to be called inside a transaction of the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, endpoint_id: str, moment: int, *, accepted: bool) -> None:
        """Note how an attempt went, and disable the endpoint when it has been failing for five days."""
        if accepted:
            self._store.execute(
                "UPDATE webhook_endpoints SET first_failed_at = NULL, failing_since = NULL"
                " WHERE id = ? AND first_failed_at IS NOT NULL",
                endpoint_id,
            )
            return
        endpoint = self._store.row("SELECT * FROM webhook_endpoints WHERE id = ?", endpoint_id)
        if endpoint is None:
            return
        changes = _after_failure(endpoint, moment)
        if changes:
            self._store.update("webhook_endpoints", endpoint_id, changes)
        if "disabled" in changes:
            self.give_up(endpoint_id)

    def forgive(self, endpoint_id: str) -> None:
        """Begin anew with an endpoint."""
        self._store.update("webhook_endpoints", endpoint_id, {"first_failed_at": None, "failing_since": None})

    def give_up(self, endpoint_id: str) -> None:
        """Let what was still to be sent to an endpoint have failed; what was delivered stays so."""
        self._store.execute(
            "UPDATE deliveries SET status = iif(status = 'delivered', status, 'failed'), next_attempt_at = NULL,"
            " held_by = NULL, repeats = '[]', round = round + 1"
            " WHERE endpoint_id = ? AND (next_attempt_at IS NOT NULL OR status = 'held')",
            endpoint_id,
        )


def _after_failure(endpoint: Row, moment: int) -> dict[str, int]:
    first, since = endpoint["first_failed_at"], endpoint["failing_since"]
    if since is not None:
        return {"disabled": 1} if moment - since >= DISABLED_AFTER else {}
    nearest, furthest = _SPAN
    if first is None or moment - first > furthest:
        return {"first_failed_at": moment}
    return {"failing_since": moment} if moment - first >= nearest else {}

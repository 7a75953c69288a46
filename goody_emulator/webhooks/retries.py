"""When a message is sent again: Svix's schedule after failures, and the repeats that chaos wants after a success."""

from typing import Any, Final

import msgspec

from goody_emulator.state.store import Row

RETRY_DELAYS: Final = (5, 300, 1800, 7200, 18_000, 36_000, 36_000)
"""Seconds between one attempt and the next; after the last of them the message is given up."""


def after(delivery: Row, moment: int, *, accepted: bool) -> dict[str, Any]:
    """Return how a delivery goes on after an attempt that ended at a moment."""
    return _after_success(delivery, moment) if accepted else _after_failure(delivery, moment)


def _after_success(delivery: Row, moment: int) -> dict[str, Any]:
    pauses = msgspec.json.decode(delivery["repeats"], type=list[int])
    return {
        "status": "delivered",
        "next_attempt_at": moment + pauses[0] if pauses else None,
        "repeats": msgspec.json.encode(pauses[1:]).decode(),
        "tries": 0,
    }


def _after_failure(delivery: Row, moment: int) -> dict[str, Any]:
    tries = delivery["tries"]
    if tries >= len(RETRY_DELAYS):
        return {"status": "failed", "next_attempt_at": None, "tries": 0}
    return {"status": "pending", "next_attempt_at": moment + RETRY_DELAYS[tries] * 1000, "tries": tries + 1}

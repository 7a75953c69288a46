"""What becomes of one message: sent as it should be, or as the rules of chaos want it."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from goody_emulator.state.store import Row, Store
from goody_emulator.webhooks.chaos import Chaos, concerns

_FATES: Final = ("drop", "reorder", "delay")
"""Of these a message has one at most, that of the first rule."""
_COPIES: Final = ("duplicate", "late_duplicate")
_SECOND: Final = 1000


class Fates:
    """Decides how a message is sent. Everything is to be called inside a transaction of the store."""

    def __init__(self, store: Store, chaos: Chaos) -> None:
        self._store = store
        self._chaos = chaos

    def drawn(self, app_id: str, event_type: str, order_id: str | None) -> list[Row]:
        """Return the rules that strike a message: one of each kind, and one of those that rule each other out."""
        struck: dict[str, Row] = {}
        for rule in self._chaos.in_force(app_id, {*_FATES, *_COPIES, "legacy"}):
            slot = "fate" if rule["kind"] in _FATES else rule["kind"]
            if slot not in struck and concerns(rule, event_type, order_id) and self._chaos.strikes(rule):
                struck[slot] = rule
        return list(struck.values())

    def columns(self, rules: Sequence[Row], moment: int) -> dict[str, Any]:
        """Return how the deliveries of a message that rules strike begin."""
        found: dict[str, Any] = {"status": "pending", "next_attempt_at": moment, "repeats": _repeats(rules)}
        for rule in rules:
            later = moment + round(rule["seconds"] * _SECOND)
            if rule["kind"] == "drop":
                return found | {"status": "dropped", "next_attempt_at": None, "repeats": "[]"}
            if rule["kind"] == "delay":
                found["next_attempt_at"] = later
            if rule["kind"] == "reorder":
                found |= {
                    "status": "held",
                    "held_by": rule["seq"],
                    "turn": -rule["drawn"] - 1,
                    "next_attempt_at": self._deadline(rule, later),
                }
        return found

    def seal(self, rules: Sequence[Row], svix_id: str) -> None:
        """Note that a message was struck, once its deliveries are there; a pile that is complete is let go."""
        for rule in rules:
            self._chaos.spend(rule)
            self._chaos.mark(rule, [svix_id])
            if rule["kind"] == "reorder":
                self._store.execute("UPDATE chaos_rules SET drawn = drawn + 1 WHERE seq = ?", rule["seq"])
                if rule["remaining"] == 1:
                    self._chaos.let_go(rule["seq"])

    def _deadline(self, rule: Row, later: int) -> int | None:
        """Return when a pile is let go even if it is incomplete: some seconds after its first message."""
        first = self._store.row("SELECT next_attempt_at FROM deliveries WHERE held_by = ? LIMIT 1", rule["seq"])
        if first is not None:
            found: int | None = first["next_attempt_at"]
            return found
        return later if rule["seconds"] else None


def _repeats(rules: Sequence[Row]) -> str:
    pauses = [rule["seconds"] for rule in rules if rule["kind"] in _COPIES for _ in range(rule["times"])]
    return msgspec.json.encode([round(pause * _SECOND) for pause in pauses]).decode()

"""Chaos: rules by which messages go astray, as they do between real systems."""

import random
from collections.abc import Collection, Sequence
from typing import Any, Final

from goody_emulator.errors import RefusedError
from goody_emulator.patterns import fits
from goody_emulator.state.store import Row, Store
from goody_emulator.webhooks.event_types import documented
from goody_emulator.webhooks.rules import Rule

_DEEDS_SHOWN: Final = 1000
_IN_FORCE: Final = (
    "SELECT * FROM chaos_rules WHERE (app_id IS NULL OR app_id = ?) AND (remaining IS NULL OR remaining > 0)"
    " ORDER BY seq"
)


class Chaos:
    """The rules in force, of single apps and of every app. They outlive a restart, and stand in snapshots."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, app_id: str | None, rules: Sequence[Rule]) -> None:
        """Put rules in force, behind those that are; RefusedError when one makes no sense, and then none is."""
        for rule in rules:
            rule.check()
            self._must_know(app_id, rule.order_id)
        with self._store.transaction():
            for rule in rules:
                self._store.insert("chaos_rules", {"app_id": app_id, **rule.columns()})

    def lift(self, app_id: str | None) -> None:
        """Lift the rules of an app, or all; what they hold back is sent."""
        with self._store.transaction():
            for rule in self._store.rows("SELECT * FROM chaos_rules WHERE app_id IS coalesce(?, app_id)", app_id):
                self.let_go(rule["seq"])
            self._store.execute("DELETE FROM chaos_rules WHERE app_id IS coalesce(?, app_id)", app_id)

    def listed(self, app_id: str | None) -> list[dict[str, Any]]:
        """Return the rules that concern an app, or all, with what is left of each and the messages it struck."""
        rows = self._store.rows(
            "SELECT * FROM chaos_rules WHERE app_id IS NULL OR app_id = coalesce(?, app_id) ORDER BY seq", app_id
        )
        return [
            {
                "kind": row["kind"],
                "app": row["app_id"],
                "event_type": row["event_type"],
                "order_id": row["order_id"],
                "left": row["remaining"],
                "probability": row["probability"],
                "seed": row["seed"],
                "seconds": row["seconds"],
                "times": row["times"],
                "held": self._store.count("SELECT count(*) FROM deliveries WHERE held_by = ?", row["seq"]),
                "did": self._deeds(row),
            }
            for row in rows
        ]

    def in_force(self, app_id: str, kinds: Collection[str]) -> list[Row]:
        """Return the rules of these kinds that may still strike an app, in the order they were put in force."""
        return [row for row in self._store.rows(_IN_FORCE, app_id) if row["kind"] in kinds]

    def strikes(self, rule: Row) -> bool:
        """Tell whether a rule strikes this time, which counts as a throw of its dice; call inside a transaction."""
        if rule["probability"] is None:
            return True
        self._store.execute("UPDATE chaos_rules SET drawn = drawn + 1 WHERE seq = ?", rule["seq"])
        # Dice for tests, thrown the same way every time.
        dice = random.Random(f"{rule['seed']}:{rule['drawn']}")  # noqa: S311
        return dice.random() < float(rule["probability"])

    def spend(self, rule: Row) -> None:
        """Note that one strike less is left to a rule; call inside a transaction."""
        self._store.execute("UPDATE chaos_rules SET remaining = remaining - 1 WHERE seq = ?", rule["seq"])

    def mark(self, rule: Row, svix_ids: Collection[str]) -> None:
        """Note which messages a rule struck; call inside a transaction."""
        for svix_id in svix_ids:
            self._store.insert("chaos_deeds", {"rule": rule["seq"], "svix_id": svix_id})

    def give_back(self, rule: Row) -> None:
        """Let a rule strike once more, since there was nothing to strike."""
        with self._store.transaction():
            self._store.execute("UPDATE chaos_rules SET remaining = remaining + 1 WHERE seq = ?", rule["seq"])

    def let_go(self, rule: int) -> None:
        """Send what a rule holds back, the last of it first; call inside a transaction."""
        self._store.execute(
            "UPDATE deliveries SET held_by = NULL, status = 'pending', next_attempt_at = ? WHERE held_by = ?",
            self._store.clock.now(),
            rule,
        )

    def _must_know(self, app_id: str | None, order_id: str | None) -> None:
        known = "SELECT 1 FROM orders WHERE id = ? AND app_id = coalesce(?, app_id)"
        if order_id is not None and self._store.row(known, order_id, app_id) is None:
            raise RefusedError(f"There is no order {order_id}; GET /_emulator/orders lists them.")

    def _deeds(self, rule: Row) -> list[str]:
        rows = self._store.rows(
            "SELECT svix_id FROM chaos_deeds WHERE rule = ? ORDER BY seq DESC LIMIT ?", rule["seq"], _DEEDS_SHOWN
        )
        return [row["svix_id"] for row in reversed(rows)]


def concerns(rule: Row, event_type: str, order_id: str | None = None) -> bool:
    """Tell whether a rule is about events of this type, under any of its names, and of this order."""
    if rule["order_id"] not in {None, order_id}:
        return False
    return fits(rule["event_type"], event_type) or fits(rule["event_type"], documented(event_type))

"""Faults on order: answers held back, refused or lost, for as many requests as asked."""

import threading
from fnmatch import fnmatchcase
from typing import Final, Literal

import msgspec

LOST_ANSWER: Final = "lost_answer"


class Rule(msgspec.Struct, omit_defaults=True):
    """Which requests to spoil, and how."""

    kind: Literal["status", "delay", "lost_answer"]
    """`status` answers without acting, `delay` waits and acts, `lost_answer` acts and answers with a 504 page."""
    method: str = "*"
    path: str = "*"
    """A path, in which `*` stands for anything."""
    count: int = 1
    """How many more requests to spoil."""
    status: int = 503
    retry_after: int | None = None
    """Seconds, sent as a Retry-After header with `status`."""
    seconds: float = 0
    """How long `delay` waits."""
    api_key: str | None = None
    """When given, only requests that bring this key."""

    def matches(self, method: str, path: str, key: str) -> bool:
        """Tell whether a request is one to spoil."""
        return (
            self.method in {"*", method} and fnmatchcase(path, self.path) and self.api_key in {None, key}
        )  # fmt: skip


class Rules(msgspec.Struct):
    """The body that sets rules."""

    rules: list[Rule]


class Faults:
    """The rules that are in force."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []

    def add(self, rules: list[Rule]) -> None:
        """Put rules in force, behind those that are already."""
        with self._lock:
            self._rules.extend(rules)

    def clear(self) -> None:
        """Lift all rules."""
        with self._lock:
            self._rules.clear()

    def listed(self) -> list[Rule]:
        """Return the rules in force, with what is left of their counts."""
        with self._lock:
            return [rule for rule in self._rules if rule.count > 0]

    def draw(self, method: str, path: str, key: str) -> Rule | None:
        """Return the first rule for a request, and count it down."""
        with self._lock:
            for rule in self._rules:
                if rule.count > 0 and rule.matches(method, path, key):
                    rule.count -= 1
                    return rule
        return None

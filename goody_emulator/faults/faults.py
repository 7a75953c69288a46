"""The faults in force: each a rule, with what is left of it and whom it has struck."""

import random
import secrets
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from goody_emulator.faults.rules import MOST, Rule
from goody_emulator.patterns import fits

_REMEMBERED: Final = 100
"""How many struck requests a fault remembers, and how many spent faults are listed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a request decides whether a fault strikes it."""

    request_id: str
    method: str
    path: str
    query: str
    body: bytes
    app_id: str | None


class Fault:
    """One rule in force, for one app or for all."""

    def __init__(self, rule: Rule, app_id: str | None) -> None:
        self.rule = rule
        self.app_id = app_id
        self.left = None if rule.probability is not None else rule.count or 1
        self._seed = secrets.randbelow(MOST) if rule.seed is None else rule.seed
        self._dice = random.Random(self._seed)  # noqa: S311 - what it throws must be repeatable
        self._to_skip = rule.skip
        self._struck = 0
        self._request_ids: deque[str] = deque(maxlen=_REMEMBERED)

    @property
    def is_spent(self) -> bool:
        """Whether it will strike no more."""
        return self.left == 0

    def strikes(self, asked: Asked) -> bool:
        """Tell whether it strikes a request, and count that."""
        if self.is_spent or not self._matches(asked) or not self._wants():
            return False
        self.left = None if self.left is None else self.left - 1
        self._struck += 1
        self._request_ids.append(asked.request_id)
        return True

    def shown(self) -> dict[str, Any]:
        """Return the rule with what has come of it; a seed that was not given is shown too."""
        rule: dict[str, Any] = {"method": self.rule.method, "path": self.rule.path, **msgspec.to_builtins(self.rule)}
        rule.pop("api_key", None)
        if self.rule.probability is not None:
            rule["seed"] = self._seed
        told = {"app": self.app_id, "left": self.left, "struck": self._struck}
        return {**rule, **told, "request_ids": list(self._request_ids)}

    def _matches(self, asked: Asked) -> bool:
        rule = self.rule
        return (
            self.app_id in {None, asked.app_id}
            and rule.method.upper() in {"*", asked.method}
            and fits(rule.path, asked.path)
            and rule.query_contains in asked.query
            and rule.body_contains.encode() in asked.body
        )

    def _wants(self) -> bool:
        if self._to_skip:
            self._to_skip -= 1
            return False
        return self.rule.probability is None or self._dice.random() < self.rule.probability


class Faults:
    """The faults of all apps, in the order they were put in force."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_force: list[Fault] = []
        self._spent: deque[Fault] = deque(maxlen=_REMEMBERED)

    def add(self, faults: Iterable[Fault]) -> None:
        """Put faults in force, behind those that are already."""
        with self._lock:
            self._in_force.extend(faults)

    def clear(self, app_id: str | None = None) -> None:
        """Lift the faults ordered for an app, or all."""
        with self._lock:
            self._in_force = [each for each in self._in_force if app_id not in {None, each.app_id}]
            spent = [each for each in self._spent if app_id not in {None, each.app_id}]
            self._spent = deque(spent, maxlen=_REMEMBERED)

    def shown(self, app_id: str | None = None) -> dict[str, list[dict[str, Any]]]:
        """Return the faults in force and the spent ones, those ordered for an app or all."""
        with self._lock:
            return {
                "rules": [each.shown() for each in self._in_force if app_id in {None, each.app_id}],
                "spent": [each.shown() for each in self._spent if app_id in {None, each.app_id}],
            }

    def draw(self, asked: Asked) -> Rule | None:
        """Return the rule of the first fault that strikes a request."""
        if not self._in_force:
            return None
        with self._lock:
            struck = next((each for each in self._in_force if each.strikes(asked)), None)
            if struck is not None and struck.is_spent:
                self._in_force.remove(struck)
                self._spent.append(struck)
            return None if struck is None else struck.rule

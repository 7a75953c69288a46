"""Puts in force for an app what a scenario brings along: faults, disorder of webhooks, quirks."""

import msgspec

from goody_emulator.faults.faults import Fault, Faults
from goody_emulator.faults.reading import read_rules
from goody_emulator.quirks import Quirks, named
from goody_emulator.scenarios.script import Scenario
from goody_emulator.state.store import Row
from goody_emulator.webhooks.chaos import Chaos
from goody_emulator.webhooks.rules import Rule


class Staging:
    """What is in force stays so until it is lifted as if it had been ordered by hand."""

    def __init__(self, faults: Faults, chaos: Chaos, quirks: Quirks) -> None:
        self._faults = faults
        self._chaos = chaos
        self._quirks = quirks

    def put(self, order: Row, scenario: Scenario) -> None:
        """Put a scenario's faults, disorder and quirks in force for the app of an order."""
        app_id = order["app_id"]
        if scenario.faults:
            rules = read_rules(msgspec.json.encode({"rules": scenario.faults}))
            self._faults.add([Fault(rule, app_id) for rule in rules])
        if scenario.chaos:
            self._chaos.add(app_id, msgspec.convert(scenario.chaos, list[Rule]))
        if scenario.quirks:
            self._quirks.put(app_id, self._quirks.of_app(app_id) | set(named(scenario.quirks)))

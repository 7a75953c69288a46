"""Reads scenarios, and says precisely what is wrong with one."""

import re
import tomllib
from pathlib import Path
from typing import Final, get_args

import msgspec

from goody_emulator.errors import RefusedError
from goody_emulator.faults.reading import RuleError, read_rules
from goody_emulator.quirks import named
from goody_emulator.scenarios.durations import EXPLAINED, milliseconds
from goody_emulator.scenarios.script import DETAILS, Deed, Scenario, Step
from goody_emulator.webhooks.rules import Rule

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
RESERVED: Final = frozenset({"runs"})
_PLACE: Final = re.compile(r" - at `\$(.*?)`$")
_FIELD: Final = re.compile(r"field `(\w+)`")
_MOST_STEPS: Final = 100


class ScenarioError(RefusedError):
    """A scenario makes no sense; the pointer (RFC 6901) tells where."""

    def __init__(self, detail: str, *pointer: object) -> None:
        super().__init__(detail)
        self.pointer = "".join(f"/{part}" for part in pointer)

    @property
    def place(self) -> str:
        """Where it is wrong, as people count: "step 3, swap"."""
        match self.pointer.split("/")[1:]:
            case ["steps", number, *fields]:
                return ", ".join([f"step {int(number) + 1}", *fields])
            case fields:
                return ", ".join(fields)


def read_file(path: Path) -> Scenario:
    """Return the scenario of a TOML file, named like the file; ScenarioError names the file and the place in it."""
    try:
        written = tomllib.loads(path.read_text("utf-8"))
        return read(written, path.stem)
    except ScenarioError as error:
        raise ScenarioError(f"{path}: {error.place}: {error}" if error.place else f"{path}: {error}") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(f"{path} cannot be read: {error}") from error


def read(written: object, name: str) -> Scenario:
    """Return a scenario under a name; ScenarioError says what is wrong with it, and where."""
    if not NAME.fullmatch(name) or name in RESERVED:
        raise ScenarioError("A scenario's name is made of up to 64 small letters, digits and -.", "name")
    try:
        scenario = msgspec.convert(written, Scenario)
    except msgspec.ValidationError as error:
        raise _complaint(str(error)) from error
    if scenario.name not in {"", name}:
        raise ScenarioError(f"The scenario calls itself {scenario.name!r}, but is kept as {name!r}.", "name")
    if not 1 <= len(scenario.steps) <= _MOST_STEPS:
        raise ScenarioError(f"A scenario has 1 to {_MOST_STEPS} steps.", "steps")
    for place, step in enumerate(scenario.steps):
        _check_step(place, step)
    _check_circumstances(scenario)
    return msgspec.structs.replace(scenario, name=name)


def _complaint(text: str) -> ScenarioError:
    found, field = _PLACE.search(text), _FIELD.search(text)
    path = re.findall(r"\w+", found[1]) if found else []
    detail = _PLACE.sub("", text)
    if path[-1:] == ["do"]:
        detail = f"{detail}: `do` is one of {', '.join(get_args(Deed))}"
    return ScenarioError(f"{detail}.", *path, *([field[1]] if field else []))


def _check_step(place: int, step: Step) -> None:
    try:
        milliseconds(step.after)
    except ValueError as error:
        raise ScenarioError(f"`after` is {EXPLAINED}.", "steps", place, "after") from error
    possible = DETAILS.get(step.do, ())
    for field in step.__struct_fields__:
        if field not in {"do", "after", *possible} and getattr(step, field) is not None:
            takes = f"takes {', '.join(possible)}" if possible else "takes no details"
            raise ScenarioError(f"`{field}` makes no sense here: {step.do} {takes}.", "steps", place, field)
    if step.state is not None and step.address is not None:
        raise ScenarioError("Give `state` or `address`, not both.", "steps", place, "state")
    if step.do in {"deposit", "withdraw"}:
        _check_amount(place, step)


def _check_amount(place: int, step: Step) -> None:
    if step.amount is None or (step.do == "deposit" and step.amount == "all"):
        raise ScenarioError(f"{step.do} needs an `amount` in cents.", "steps", place, "amount")


def _check_circumstances(scenario: Scenario) -> None:
    try:
        named(scenario.quirks)
    except RefusedError as error:
        raise ScenarioError(str(error), "quirks") from error
    try:
        read_rules(msgspec.json.encode({"rules": scenario.faults}))
    except RuleError as error:
        raise ScenarioError(str(error).partition(".")[2], "faults", error.index, error.field) from error
    _check_chaos(scenario)
    for place, rule in enumerate(scenario.faults):
        if "api_key" in rule:
            raise ScenarioError("A scenario's faults are for the app it is played for.", "faults", place, "api_key")


def _check_chaos(scenario: Scenario) -> None:
    for place, written in enumerate(scenario.chaos):
        try:
            msgspec.convert(written, Rule).check()
        except (msgspec.ValidationError, RefusedError) as error:
            field = _FIELD.search(str(error))
            raise ScenarioError(str(error), "chaos", place, *([field[1]] if field else [])) from error

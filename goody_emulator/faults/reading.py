"""Reads the rules a client orders, and says precisely what is wrong with one."""

import re
from typing import Final

import msgspec

from goody_emulator.errors import RefusedError
from goody_emulator.faults.rules import ALLOWED, Kind, Rule
from goody_emulator.inputs import read_body

_FIELD: Final = re.compile(r"field `(\w+)`|`\$\.(\w+)")
_ONLY_WITH: Final = {
    "status": (Kind.STATUS, Kind.LOST_ANSWER),
    "retry_after": (Kind.STATUS, Kind.LOST_ANSWER),
    "page": (Kind.STATUS,),
    "error": (Kind.STATUS,),
    "seconds": (Kind.DELAY, Kind.SLOW),
}


class RuleError(Exception):
    """A rule makes no sense."""

    def __init__(self, index: int, field: str, detail: str) -> None:
        super().__init__(f"rules[{index}].{field} {detail}")
        self.index = index
        self.field = field
        self.allowed = ALLOWED.get(field)


class _Order(msgspec.Struct):
    rules: list[msgspec.Raw]


def read_rules(body: bytes) -> list[Rule]:
    """Return the rules of a body; RuleError for the first that makes no sense, RefusedError for anything else."""
    return [_read(index, raw) for index, raw in enumerate(read_body(body, _Order).rules)]


def _read(index: int, raw: msgspec.Raw) -> Rule:
    try:
        rule = msgspec.json.decode(raw, type=Rule)
    except msgspec.ValidationError as error:
        raise _complaint(index, str(error)) from error
    except UnicodeDecodeError as error:
        raise RefusedError(f"rules[{index}] has a text that is not UTF-8.") from error
    _check_strikes(index, rule)
    _check_kind(index, rule)
    return rule


def _complaint(index: int, text: str) -> RuleError:
    found = _FIELD.search(text)
    if found is None:
        return RuleError(index, "kind", f"is needed in an object: {text}.")
    field = found[1] or found[2]
    if field not in ALLOWED:
        return RuleError(index, field, f"is not a field of a rule; those are {', '.join(ALLOWED)}.")
    return RuleError(index, field, f"must be {ALLOWED[field]}.")


def _check_strikes(index: int, rule: Rule) -> None:
    if rule.count is not None and rule.probability is not None:
        raise RuleError(index, "probability", "and `count` exclude each other: leave one of them out.")
    if rule.seed is not None and rule.probability is None:
        raise RuleError(index, "seed", "makes sense with `probability` only.")


def _check_kind(index: int, rule: Rule) -> None:
    for field, kinds in _ONLY_WITH.items():
        if getattr(rule, field) is not None and rule.kind not in kinds:
            raise RuleError(index, field, f"makes sense with {' and '.join(kinds)} only, not with {rule.kind}.")
    if rule.seconds is None and rule.kind in _ONLY_WITH["seconds"]:
        raise RuleError(index, "seconds", f"is needed with {rule.kind}: {ALLOWED['seconds']}.")
    if rule.retry_after_as is not None and rule.retry_after is None:
        raise RuleError(index, "retry_after_as", "makes sense with `retry_after` only.")
    if rule.page and rule.error is not None:
        raise RuleError(index, "error", "is part of a JSON body: leave it out, or `page`.")

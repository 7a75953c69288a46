"""Reading JSON that people wrote: every fault is collected, with a pointer to it, and reading goes on."""

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final, TypeVar

from foundation.errors import Fault, InvalidInputError

T = TypeVar("T")

_UNSTORABLE: Final = re.compile(r"[\x00\ud800-\udfff]")


class Faults:
    """The faults found so far, in the order of the document."""

    def __init__(self) -> None:
        self._found: list[Fault] = []

    def add(self, pointer: str, code: str, detail: str) -> None:
        """Note one."""
        self._found.append(Fault(pointer, code, detail))

    def raise_any(self, detail: str) -> None:
        """InvalidInputError with all of them, if there are any."""
        if self._found:
            raise InvalidInputError(detail, self._found)


class Members:
    """The members of what should be a JSON object. What can't be used is noted, and read as if it were not there."""

    def __init__(self, raw: object, pointer: str, known: Collection[str], faults: Faults) -> None:
        self.pointer = pointer
        self.faults = faults
        self._raw = members_of(raw, pointer, faults)
        for name in self._raw.keys() - set(known):
            faults.add(self.at(name), "unknown_field", f"is not known here{_guess(name, known)}")

    def at(self, name: str) -> str:
        """The pointer to a member."""
        return pointed(self.pointer, name)

    def has(self, name: str) -> bool:
        """Whether it is there; null counts as not there."""
        return self._raw.get(name) is not None

    def raw(self, name: str) -> Any:  # noqa: ANN401  JSON
        """The member as it is."""
        return self._raw.get(name)

    def require(self, name: str) -> None:
        """Note it if it is not there."""
        if not self.has(name):
            self.faults.add(self.at(name), "required", "is missing")

    def text(self, name: str, longest: int, *, shortest: int = 1) -> str | None:
        """A text of so many characters."""
        return text(self.raw(name), self.at(name), self.faults, longest, shortest) if self.has(name) else None

    def integer(self, name: str, low: int, high: int) -> int | None:
        """A whole number within the bounds."""
        return integer(self.raw(name), self.at(name), self.faults, low, high) if self.has(name) else None

    def choice(self, name: str, choices: Collection[str]) -> str | None:
        """One of the words."""
        value = self.raw(name)
        if value is None or (isinstance(value, str) and value in choices):
            return value
        self.faults.add(self.at(name), "unknown_choice", f"must be one of: {', '.join(choices)}")
        return None

    def items(self, name: str, most: int) -> Iterator[tuple[str, Any]]:
        """Pointer and value of each item of a list."""
        return items(self.raw(name), self.at(name), self.faults, most) if self.has(name) else iter(())

    def texts(self, name: str, most: int, longest: int) -> tuple[str, ...]:
        """A list of texts, none of them twice."""
        return self.distinct(name, most, lambda value, at: text(value, at, self.faults, longest))

    def distinct(self, name: str, most: int, read: Callable[[Any, str], T | None]) -> tuple[T, ...]:
        """A list of what `read` reads, none of it twice."""
        found: dict[T, None] = {}
        for at, raw in self.items(name, most):
            value = read(raw, at)
            if value is None:
                continue
            if value in found:
                self.faults.add(at, "repeated", "stands in this list before")
            found[value] = None
        return tuple(found)


def members_of(raw: object, pointer: str, faults: Faults) -> dict[str, Any]:
    """The JSON object; an empty one, and a fault, if it is something else."""
    if isinstance(raw, dict):
        return raw
    faults.add(pointer, "wrong_type", "must be an object")
    return {}


def pointed(pointer: str, name: str | int) -> str:
    """The pointer to a member or an item of what `pointer` points to (RFC 6901)."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


def items(raw: object, pointer: str, faults: Faults, most: int) -> Iterator[tuple[str, Any]]:
    """Pointer and value of each item of what should be a list of at most so many."""
    if not isinstance(raw, list):
        faults.add(pointer, "wrong_type", "must be a list")
        return
    if len(raw) > most:
        faults.add(pointer, "too_many", f"holds {len(raw)} items; {most} are possible")
        return
    for number, item in enumerate(raw):
        yield pointed(pointer, number), item


def text(raw: object, pointer: str, faults: Faults, longest: int, shortest: int = 1) -> str | None:
    """A text; None, and a fault, if it can't be used."""
    if not isinstance(raw, str):
        faults.add(pointer, "wrong_type", "must be a text")
    elif _UNSTORABLE.search(raw):
        faults.add(pointer, "unstorable_text", "must not hold NUL or half a surrogate pair")
    elif len(raw) > longest:
        faults.add(pointer, "too_long", f"has {len(raw)} characters; {longest} are possible")
    elif len(raw) < shortest or (shortest and raw.isspace()):
        faults.add(pointer, "blank", "must not be blank")
    else:
        return raw
    return None


def integer(raw: object, pointer: str, faults: Faults, low: int, high: int) -> int | None:
    """A whole number; None, and a fault, if it can't be used."""
    if not isinstance(raw, int) or isinstance(raw, bool):
        faults.add(pointer, "wrong_type", "must be a whole number")
    elif not low <= raw <= high:
        faults.add(pointer, "out_of_range", f"must be from {low} to {high}")
    else:
        return raw
    return None


def flag(raw: object, pointer: str, faults: Faults) -> bool | None:
    """True or false; None, and a fault, if it is something else."""
    if isinstance(raw, bool):
        return raw
    faults.add(pointer, "wrong_type", "must be true or false")
    return None


def _guess(name: str, known: Collection[str]) -> str:
    close: Sequence[str] = difflib.get_close_matches(name, known, n=1)
    return f"; perhaps {close[0]} is meant" if close else f"; known are {', '.join(known)}"

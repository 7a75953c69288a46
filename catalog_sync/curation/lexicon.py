"""Finding all terms of a curation in a product's texts at once, so that each text is gone through once.

What is found is a number whose bits are marks: a condition on text asks for some of them.
"""

from collections.abc import Iterable, Sequence

from catalog_sync.curation.subject import Subject
from catalog_sync.curation.wording import Term


class Lexicons:
    """The terms of one curation, by the field in which they are looked for."""

    def __init__(self) -> None:
        self._by_field: dict[str, _Lexicon] = {}
        self._marks = 0

    def mark(self, fields: Sequence[str], terms: Iterable[Term]) -> int:
        """The mark of subjects that have any of the terms in one of the fields."""
        mark = 1 << self._marks
        self._marks += 1
        for term in terms:
            for field in fields:
                self._by_field.setdefault(field, _Lexicon()).add(term, mark)
        return mark

    def find(self, subject: Subject) -> int:
        """The marks that a subject has."""
        found = 0
        for field, lexicon in self._by_field.items():
            text = subject.text(field)
            if text:
                found |= lexicon.find(text)
        return found


class _Entry:
    """What a word stands for: marks by itself, and phrases that begin with it."""

    __slots__ = ("mark", "phrases")

    def __init__(self) -> None:
        self.mark = 0
        self.phrases: list[tuple[str, int]] = []


class _Lexicon:
    """Terms that are looked for in one field."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._parts: list[tuple[str, int]] = []

    def add(self, term: Term, mark: int) -> None:
        if term.first_word is None:
            self._parts.append((term.needle, mark))
            return
        entry = self._entries.setdefault(term.first_word, _Entry())
        if term.is_word:
            entry.mark |= mark
        else:
            entry.phrases.append((term.needle, mark))

    def find(self, folded: str) -> int:
        """The marks of all terms that are in a folded text."""
        found = 0
        text = f" {folded} "
        entry_of = self._entries.get
        for word in folded.split():
            entry = entry_of(word)
            if entry is not None:
                found |= entry.mark
                for needle, mark in entry.phrases:
                    if needle in text:
                        found |= mark
        for needle, mark in self._parts:
            if needle in text:
                found |= mark
        return found

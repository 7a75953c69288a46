"""Finding all terms of a curation in a product's texts at once, so that its words are gone through once.

What is found is a number whose bits are marks: a condition on text asks for some of them.
"""

from collections.abc import Iterable, Sequence

from catalog_sync.curation.subject import Subject
from catalog_sync.curation.wording import BETWEEN_FIELDS, Term


class Lexicons:
    """The terms of one curation, by the fields in which they are looked for."""

    def __init__(self) -> None:
        self._by_fields: dict[tuple[str, ...], _Lexicon] = {}
        self._marks = 0

    def mark(self, fields: Sequence[str], terms: Iterable[Term]) -> int:
        """The mark of subjects that have any of the terms in one of the fields."""
        mark = 1 << self._marks
        self._marks += 1
        lexicon = self._by_fields.setdefault(tuple(fields), _Lexicon())
        for term in terms:
            lexicon.add(term, mark)
        return mark

    def find(self, subject: Subject) -> int:
        """The marks that a subject has."""
        found = 0
        for fields, lexicon in self._by_fields.items():
            text = f" {BETWEEN_FIELDS} ".join([subject.text(name) for name in fields])
            found |= lexicon.find(f" {text} ")
        return found


class _Lexicon:
    """Terms that are looked for in one text."""

    def __init__(self) -> None:
        self._words: dict[str, int] = {}
        self._phrases: dict[str, list[tuple[str, int]]] = {}
        self._parts: list[tuple[str, int]] = []

    def add(self, term: Term, mark: int) -> None:
        if term.first_word is None:
            self._parts.append((term.needle, mark))
        elif term.is_word:
            self._words[term.first_word] = self._words.get(term.first_word, 0) | mark
        else:
            self._phrases.setdefault(term.first_word, []).append((term.needle, mark))

    def find(self, text: str) -> int:
        """The marks of all terms that are in a folded text with a blank at both ends."""
        words = set(text.split())
        found = 0
        for word in self._words.keys() & words:
            found |= self._words[word]
        for word in self._phrases.keys() & words:
            for needle, mark in self._phrases[word]:
                if needle in text:
                    found |= mark
        for needle, mark in self._parts:
            if needle in text:
                found |= mark
        return found

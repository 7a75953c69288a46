"""Finding all terms of a curation in a product's texts at once, so that each text is gone through once.

What is found is a number whose bits are marks: a condition on text asks for some of them. Tags have marks too, so that
one look at a product's marks tells which rules can match it at all.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from catalog_sync.curation.subject import REPEATED, Subject
from catalog_sync.curation.wording import Term, fold_name

BEGINNING: Final = 3
"""Letters by which the terms that are beginnings of words are sorted."""
MOST_KNOWN: Final = 100_000
"""Words that a lexicon remembers to stand for nothing, and texts whose marks it remembers; those beyond are looked at
each time."""


class Lexicons:
    """The terms of one curation, by the field in which they are looked for."""

    def __init__(self) -> None:
        self._by_field: dict[str, _Lexicon] = {}
        self._tags: dict[str, int] = {}
        self._marks = 0

    def mark(self, fields: Sequence[str], terms: Iterable[Term]) -> int:
        """The mark of subjects that have any of the terms in one of the fields."""
        mark = self._next()
        for term in terms:
            for field in fields:
                self._by_field.setdefault(field, _Lexicon()).add(term, mark)
        return mark

    def tag_marks(self, tags: Iterable[str]) -> int:
        """The marks of tags: a rule gives them, a condition asks for one of them."""
        marks = 0
        for tag in map(fold_name, tags):
            if tag not in self._tags:
                self._tags[tag] = self._next()
            marks |= self._tags[tag]
        return marks

    def find(self, subject: Subject) -> int:
        """The marks that a subject has before any rule has given it tags."""
        found = 0
        for field, lexicon in self._by_field.items():
            found |= lexicon.find_known(field, subject) if field in REPEATED else lexicon.find(subject.words(field))
        return found

    def _next(self) -> int:
        self._marks += 1
        return 1 << self._marks


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
        self._beginnings: dict[str, list[tuple[str, int]]] = {}
        self._parts: list[tuple[str, int]] = []
        self._effects: dict[str, _Entry] = {}
        """By a word that texts have, what it stands for, terms that it begins with included."""
        self._idle: set[str] = set()
        """Words that texts have and that stand for nothing: nearly all."""
        self._known: dict[tuple[str, ...], int] = {}
        """By the texts of a field, their marks."""

    def add(self, term: Term, mark: int) -> None:
        """Look for it too; before the first text is gone through."""
        if term.first_word is not None:
            entry = self._entries.setdefault(term.first_word, _Entry())
            if term.is_word:
                entry.mark |= mark
            else:
                entry.phrases.append((term.needle, mark))
        elif term.needle.startswith(" ") and len(term.needle) > BEGINNING:
            beginning = term.needle[1:]
            self._beginnings.setdefault(beginning[:BEGINNING], []).append((beginning, mark))
        else:
            self._parts.append((term.needle, mark))

    def find(self, words: list[str]) -> int:
        """The marks of all terms that are in a text of these words."""
        found, text = 0, ""
        for word in set(words) - self._idle:
            effect = self._effects.get(word) or self._learn(word)
            found |= effect.mark
            if effect.phrases:
                text = text or f" {' '.join(words)} "
                for needle, mark in effect.phrases:
                    if needle in text:
                        found |= mark
        if self._parts and words:
            text = text or f" {' '.join(words)} "
            for needle, mark in self._parts:
                if needle in text:
                    found |= mark
        return found

    def find_known(self, field: str, subject: Subject) -> int:
        """The marks of a subject's field, remembered by what the supplier sent in it."""
        texts = subject.texts(field)
        found = self._known.get(texts)
        if found is None:
            found = self.find(subject.words(field))
            if len(self._known) < MOST_KNOWN:
                self._known[texts] = found
        return found

    def _learn(self, word: str) -> _Entry:
        """What the word stands for; remembered, as catalogs use the same words again and again."""
        effect = _Entry()
        entry = self._entries.get(word)
        if entry is not None:
            effect.mark, effect.phrases = entry.mark, list(entry.phrases)
        for beginning, mark in self._beginnings.get(word[:BEGINNING], ()):
            if word.startswith(beginning):
                effect.mark |= mark
        if effect.mark or effect.phrases:
            self._effects[word] = effect
        elif len(self._idle) < MOST_KNOWN:
            self._idle.add(word)
        return effect

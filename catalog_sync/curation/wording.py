"""Words: how a product's texts and a merchandiser's terms are brought to one form, in which they can be compared.

Case, accents and apostrophes don't count, and whatever is no letter or digit parts two words: `Mother’s-Day Café` is
` mothers day cafe `. A term is looked for as whole words in their order: `gift card` is not found in `gift cards`.
A `*` at its beginning or end lets it begin or end within a word.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

WILDCARD: Final = "*"
BETWEEN_FIELDS: Final = "|"
"""Stands between two texts; it is no letter, so no term reaches from one into the other."""

_NEITHER_LETTER_NOR_DIGIT: Final = re.compile(r"[\W_]+")
_ASCII: Final = str.maketrans(
    {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)} | {39: ""}
)
_TYPESET_APOSTROPHES: Final = ("’", "ʼ", "‘")
_TAG: Final = re.compile(r"<[^>]*>")


class BadTermError(ValueError):
    """A term that can't be looked for; the text says why."""


@dataclass(frozen=True, slots=True)
class Term:
    """What to look for: `needle` is a part of a folded text with a blank at both ends."""

    needle: str

    @property
    def first_word(self) -> str | None:
        """The word that a text must hold for the term to be found in it; None if there is none that is whole."""
        if not self.needle.startswith(" "):
            return None
        word, blank, _rest = self.needle[1:].partition(" ")
        return word if blank else None

    @property
    def is_word(self) -> bool:
        """Whether finding its first word is finding the term."""
        return self.first_word is not None and self.needle == f" {self.first_word} "


def words_of(text: str) -> list[str]:
    """The words of a text, without case, accents and apostrophes."""
    if not text.isascii():
        text = _in_plain_letters(text)
    return text.translate(_ASCII).split()


def fold(text: str) -> str:
    """The same with one blank between them."""
    return " ".join(words_of(text))


@lru_cache(maxsize=10_000)
def fold_name(name: str) -> str:
    """The same for what there are few of: brands, values, labels, tags."""
    return fold(name)


def without_html(text: str) -> str:
    """The text that a reader sees of HTML."""
    if "<" in text:
        text = _TAG.sub(" ", text)
    return html.unescape(text) if "&" in text else text


def read_term(text: str) -> Term:
    """The term that a merchandiser wrote. BadTermError says why it is none."""
    body = text.strip()
    begins_within = body.startswith(WILDCARD)
    ends_within = len(body) > 1 and body.endswith(WILDCARD)
    body = body[begins_within : len(body) - ends_within]
    if WILDCARD in body:
        raise BadTermError("* may stand at the beginning and at the end of a term only")
    folded = fold(body)
    if not folded:
        raise BadTermError("holds no letter and no digit")
    return Term(("" if begins_within else " ") + folded + ("" if ends_within else " "))


def _in_plain_letters(text: str) -> str:
    """Without accents and typeset apostrophes; letters of other alphabets stay what they are."""
    for apostrophe in _TYPESET_APOSTROPHES:
        text = text.replace(apostrophe, "")
    decomposed = unicodedata.normalize("NFKD", text.replace("'", "").casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NEITHER_LETTER_NOR_DIGIT.sub(" ", bare)

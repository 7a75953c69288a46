"""From text to the words that it is found by: folded, split, and with their inflection taken off.

Databases stem and split each in their own way, so none of that is left to them: what is written and what is asked
are cut into words here, and either database only compares them. The stemmer is the first step and the end of the
last of Porter's (1980): it joins candle and candles, bake and baking, but not general and generous.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import chain
from typing import Final

LONGEST_WORD: Final = 40
"""Characters that tell words apart; the rest is cut off on both sides."""

# Words of letters and digits with `'` and `-` inside; scripts written without blanks go letter by letter.
_UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_ASCII_WORD: Final = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")
_WORD: Final = re.compile(rf"(?=[^\W_])[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:['-][^\W_{_UNSPACED}]+)*")
_APOSTROPHES: Final = str.maketrans({"\u2019": "'", "\u02bc": "'", "\uff07": "'", "\u2010": "-", "\u2011": "-"})

_LETTERS: Final = re.compile(r"[a-z]{3,}")
# [C](VC)^m[V], as Porter measures a stem; y is a vowel after a consonant.
_CONSONANT: Final = r"(?:[^aeiouy]|(?<![^aeiou])y|^y)"
_VOWEL: Final = r"(?:[aeiou]|(?<=[^aeiou])y)"
_HAS_VOWEL: Final = re.compile(_VOWEL)
_MEASURE: Final = re.compile(rf"{_VOWEL}{_CONSONANT}")
_SHORT: Final = re.compile(rf"{_CONSONANT}{_VOWEL}[^aeiouwxy]$")
_DOUBLE: Final = re.compile(r"([^aeiouylsz])\1$")


def written_words(text: str) -> dict[str, None]:
    """Every word that the text is to be found by, each once, in order: whole ones, their parts, and their stems."""
    return dict.fromkeys(chain.from_iterable(map(_forms, _split(text))))


def asked_words(text: str, most: int) -> list[str]:
    """The first words of what somebody looks for, each once, at most so many."""
    found: dict[str, None] = {}
    for word in _split(text):
        for part in word.replace("'", "").split("-"):
            found[part[:LONGEST_WORD]] = None
            if len(found) == most:
                return list(found)
    return list(found)


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The word without its inflection; what is not plain English letters stays as it is."""
    if not _LETTERS.fullmatch(word):
        return word
    word = _without_past_or_participle(_without_plural(word))
    if word.endswith("y") and _HAS_VOWEL.search(word[:-1]):
        return word[:-1] + "i"
    return _without_final_e(word)


def _split(text: str) -> list[str]:
    return _ASCII_WORD.findall(text.lower()) if text.isascii() else _WORD.findall(_folded(text))


def _folded(text: str) -> str:
    """Without case and accents, in the plainest form that Unicode has for each letter."""
    text = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if unicodedata.category(letter)[0] != "M")


@lru_cache(maxsize=1 << 16)
def _forms(word: str) -> tuple[str, ...]:
    """What one word is found by."""
    cut = [part[:LONGEST_WORD] for part in _parts(word)]
    return tuple(dict.fromkeys(form for part in cut for form in (part, stem(part))))


def _parts(word: str) -> tuple[str, ...]:
    """L'Occitane is found as `loccitane` and as `occitane`, a T-shirt as `tshirt` and as `shirt`."""
    if "'" not in word and "-" not in word:
        return (word,)
    unquoted = word.replace("'", "")
    return (unquoted.replace("-", ""), *unquoted.split("-"), *word.replace("'", "-").split("-"))


def _without_plural(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith("ies"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _without_past_or_participle(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _MEASURE.search(word[:-3]) else word
    for ending in ("ed", "ing"):
        rest = word.removesuffix(ending)
        if rest != word and _HAS_VOWEL.search(rest):
            return _mended(rest)
    return word


def _mended(rest: str) -> str:
    """What an ending was put on: `bak` was bake, `wrapp` was wrap."""
    if rest.endswith(("at", "bl", "iz")):
        return rest + "e"
    if _DOUBLE.search(rest):
        return rest[:-1]
    is_short = len(_MEASURE.findall(rest)) == 1 and _SHORT.search(rest)
    return rest + "e" if is_short else rest


def _without_final_e(word: str) -> str:
    if not word.endswith("e"):
        return word
    rest = word[:-1]
    measure = len(_MEASURE.findall(rest))
    return rest if measure > 1 or (measure == 1 and not _SHORT.search(rest)) else word

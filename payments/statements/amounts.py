"""Amounts of money as statements write them, read to whole US cents. No float ever holds one."""

import re
from collections.abc import Iterable
from typing import Final

POINT: Final = "."
COMMA: Final = ","

LONGEST: Final = 40
MOST_DIGITS: Final = 13
"""Of whole dollars: more is no amount."""

_SPACES: Final = re.compile(
    "[\\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}'\N{RIGHT SINGLE QUOTATION MARK}]"
)
_DOLLARS: Final = re.compile(r"US\$|USD|\$", re.IGNORECASE)
_DIGITS: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_GROUPS: Final = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_MINUSES: Final = str.maketrans(dict.fromkeys("\N{MINUS SIGN}\N{EN DASH}\N{HYPHEN}\N{NON-BREAKING HYPHEN}", "-"))
_THOUSAND: Final = 3


class AmountError(ValueError):
    """It is no amount of US dollars; the text says why, for a person."""


def decimal_mark(texts: Iterable[str]) -> str | None:
    """What parts dollars from cents in amounts of one hand: `.` or `,`; None where they don't tell or disagree.

    `1,234` alone tells nothing: it may be a thousand dollars, or one with a part of a cent.
    """
    marks = {mark for text in texts if (mark := _mark_of(text)) is not None}
    return marks.pop() if len(marks) == 1 else None


def read_cents(text: str, mark: str | None) -> int:
    """An amount in US cents. AmountError for what is none, or could be two.

    `mark` decides what could be read either way. Minus is a sign before or behind, or brackets: `(12.00)`.
    """
    if len(text) > LONGEST:
        raise AmountError("is too long for an amount")
    sign, digits = _unsigned(text)
    whole, cents = _split(digits, mark)
    if len(whole) > MOST_DIGITS:
        raise AmountError(f"{text.strip()!r} is more money than there is")
    if cents[2:].strip("0"):
        raise AmountError(f"{text.strip()!r} holds a part of a cent")
    return sign * (int(whole) * 100 + int(cents[:2].ljust(2, "0")))


def _unsigned(text: str) -> tuple[int, str]:
    """The sign, and the digits with their marks."""
    plain = _DOLLARS.sub("", _SPACES.sub("", text).translate(_MINUSES), count=1)
    sign = 1
    if plain.startswith("(") and plain.endswith(")"):
        sign, plain = -1, plain[1:-1]
    elif plain.startswith("-"):
        sign, plain = -1, plain[1:]
    elif plain.endswith("-"):
        sign, plain = -1, plain[:-1]
    elif plain.startswith("+"):
        plain = plain[1:]
    if plain.startswith((POINT, COMMA)):
        plain = f"0{plain}"
    if not _DIGITS.fullmatch(plain):
        raise AmountError(f"{text.strip()!r} is no amount of US dollars")
    return sign, plain


def _split(digits: str, mark: str | None) -> tuple[str, str]:
    """Dollars and what follows them, without marks."""
    own = _decided(digits)
    last = max(digits.rfind(POINT), digits.rfind(COMMA))
    if last < 0:
        return digits.lstrip("0") or "0", ""
    if own is None and _GROUPS.fullmatch(digits) is not None and digits.count(digits[last]) == 1 and mark is None:
        raise AmountError(f"{digits!r} can be read in two ways: say which mark parts the cents")
    chosen = own or mark
    if chosen is None or digits[last] != chosen:
        whole, cents = digits, ""
    else:
        whole, cents = digits[:last], digits[last + 1 :]
    if mark is not None and own is not None and own != mark:
        raise AmountError(f"{digits!r} is written otherwise than the other amounts")
    if not whole.isdecimal() and not _GROUPS.fullmatch(whole):
        raise AmountError(f"{digits!r} is no amount: its thousands are parted oddly")
    if not whole.isdecimal() and chosen is not None and chosen in whole:
        raise AmountError(f"{digits!r} is no amount: {chosen} stands in it twice")
    return re.sub("[.,]", "", whole).lstrip("0") or "0", cents


def _decided(digits: str) -> str | None:
    """The decimal mark that these digits show by themselves."""
    point, comma = digits.rfind(POINT), digits.rfind(COMMA)
    if point >= 0 and comma >= 0:
        return POINT if point > comma else COMMA
    last = max(point, comma)
    if last < 0:
        return None
    if digits.count(digits[last]) > 1:
        return COMMA if digits[last] == POINT else POINT
    return None if len(digits) - last - 1 == _THOUSAND and last <= _THOUSAND else digits[last]


def _mark_of(text: str) -> str | None:
    if len(text) > LONGEST:
        return None
    try:
        return _decided(_unsigned(text)[1])
    except AmountError:
        return None

"""Statements as CSV (RFC 4180), and in the ways that give importers trouble."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum, unique
from typing import Final

import msgspec

from goody_emulator.state.timestamps import shown


@unique
class Notation(StrEnum):
    """How amounts are written, and what parts the fields."""

    PLAIN = "plain"
    """1234.56, parted by commas."""
    US = "us"
    """1,234.56, parted by commas."""
    EU = "eu"
    """1.234,56, parted by semicolons."""


@unique
class Encoding(StrEnum):
    """How the text is encoded; what an encoding lacks becomes a question mark."""

    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    """Little-endian, with a byte order mark."""
    LATIN_1 = "latin-1"


@unique
class Dates(StrEnum):
    """How dates are written, always in UTC."""

    ISO = "iso"
    """2026-06-03T12:24:05Z."""
    US = "us"
    """06/03/2026."""


class Style(msgspec.Struct, frozen=True):
    """How a statement is written."""

    notation: Notation = Notation.PLAIN
    encoding: Encoding = Encoding.UTF_8
    date: Dates = Dates.ISO


class Line(msgspec.Struct, frozen=True):
    """One line: a moment in milliseconds, texts, and amounts in cents, which may be left empty."""

    moment: int
    texts: tuple[str, ...]
    amounts: tuple[int | None, ...]


_BYTE_ORDER_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"


def written(header: Sequence[str], lines: Sequence[Line], style: Style) -> bytes:
    """Return a header and its lines as CSV; each begins with the date, and the amounts come last."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if style.notation is Notation.EU else ",", lineterminator="\r\n")
    writer.writerow(header)
    for line in lines:
        amounts = ["" if cents is None else amount(cents, style.notation) for cents in line.amounts]
        writer.writerow([_date(line.moment, style.date), *line.texts, *amounts])
    if style.encoding is Encoding.UTF_16:
        return (_BYTE_ORDER_MARK + text.getvalue()).encode("utf-16-le", errors="replace")
    return text.getvalue().encode(style.encoding, errors="replace")


def amount(cents: int, notation: Notation) -> str:
    """Return cents in dollars with two decimals."""
    sign, whole, rest = "-" if cents < 0 else "", abs(cents) // 100, abs(cents) % 100
    if notation is Notation.PLAIN:
        return f"{sign}{whole}.{rest:02}"
    if notation is Notation.US:
        return f"{sign}{whole:,}.{rest:02}"
    return f"{sign}{f'{whole:,}'.replace(',', '.')},{rest:02}"


def _date(moment: int, dates: Dates) -> str:
    return shown(moment) if dates is Dates.ISO else datetime.fromtimestamp(moment // 1000, UTC).strftime("%m/%d/%Y")

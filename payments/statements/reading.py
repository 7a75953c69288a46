"""A statement's CSV, read line by line: twice through the file, never whole in memory."""

import csv
import io
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Final

from foundation.errors import Fault, InvalidInputError
from payments.statements.amounts import COMMA, POINT, decimal_mark
from payments.statements.dates import is_day_first
from payments.statements.encodings import encoding_of
from payments.statements.mappings import FIELDS, KNOWN_NAMES, SOURCES, Source, source_of
from payments.statements.rows import BadRow, Notation, Row, RowError, read_row
from payments.statements.separators import HINT, separator_of

LARGEST_FILE: Final = 64 * 1024 * 1024
"""Bytes."""
MOST_LINES: Final = 500_000
HEADER_WITHIN: Final = 20
"""Lines in which the header must be: reports like to begin with a title."""
_CHUNK: Final = 256 * 1024
_MONEY: Final = ("amount", "debit", "credit", "balance")
_LONGEST_SAMPLE: Final = 4096
"""Characters of a line that are looked at to find the separator."""
LONGEST_RECORD: Final = 50
"""Lines that one record may have: beyond, a quote was forgotten."""

Record = tuple[int, list[str] | RowError]
"""The line that a record begins in, and its fields or why there are none."""


@dataclass(frozen=True, slots=True)
class Statement:
    """An opened statement: how it is written, and its lines."""

    file: BinaryIO
    source: Source
    encoding: str
    separator: str
    header_line: int
    width: int
    places: Mapping[str, int]
    notation: Notation

    def rows(self) -> Iterator[Row | BadRow]:
        """Every line, the bad ones among them, in the file's order."""
        for line, fields in _records(self.file, self.encoding, self.separator):
            if line <= self.header_line:
                continue
            try:
                yield read_row(line, self._cells(fields), self.notation)
            except RowError as error:
                yield BadRow(line, error.code, error.detail, error.column)

    def _cells(self, fields: list[str] | RowError) -> dict[str, str]:
        if isinstance(fields, RowError):
            raise fields
        if len(fields) > self.width and any(fields[self.width :]):
            raise RowError("too_many_fields", f"has {len(fields)} fields, the header {self.width}")
        return {field: fields[place] for field, place in self.places.items() if place < len(fields)}


def open_statement(file: BinaryIO, source: Source | None = None) -> Statement:
    """Find out how a seekable file is written. InvalidInputError for what is no statement of a known source."""
    encoding = encoding_of(_chunks(file))
    separator = separator_of(_first_lines(file, encoding), _names(source))
    header_line, header = _find_header(file, encoding, separator, source)
    chosen = source or source_of(header)
    if chosen is None:
        raise _unknown(header)
    places = chosen.places(header)
    notation = _notation(file, encoding, separator, header_line, places)
    return Statement(file, chosen, encoding, separator, header_line, len(header), places, notation)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    size = 0
    while chunk := file.read(_CHUNK):
        size += len(chunk)
        if size > LARGEST_FILE:
            raise _refused("too_large", f"A statement may have {LARGEST_FILE // 1024**2} MiB at most: split it.")
        yield chunk


def _records(file: BinaryIO, encoding: str, separator: str) -> Iterator[Record]:
    """The records that hold anything. One whose quotes don't end well spoils its first line alone."""
    number = 1
    for span in _spans(file, encoding, separator):
        if number > MOST_LINES:
            raise _refused("too_many_lines", f"A statement may have {MOST_LINES} lines at most: split it.")
        if isinstance(span.fields, RowError) or any(field.strip() for field in span.fields):
            yield number, span.fields
        number += span.lines


@dataclass(frozen=True, slots=True)
class _Span:
    lines: int
    fields: list[str] | RowError


def _spans(file: BinaryIO, encoding: str, separator: str) -> Iterator[_Span]:
    """Each record with the number of its lines: more than one where a quoted field holds line breaks."""
    file.seek(0)
    # What an encoding lacks is shown as a question mark in a diamond, in a text that nothing depends on.
    text = io.TextIOWrapper(file, encoding, errors="replace", newline="")
    try:
        waiting: deque[str] = deque()
        while line := waiting.popleft() if waiting else text.readline():
            lines = [line.replace("\0", "")]
            while _is_open(lines) and len(lines) < LONGEST_RECORD:
                following = waiting.popleft() if waiting else text.readline()
                if not following:
                    break
                lines.append(following.replace("\0", ""))
            fields = _split(lines, separator)
            if isinstance(fields, RowError):
                waiting.extendleft(reversed(lines[1:]))
            yield _Span(1 if isinstance(fields, RowError) else len(lines), fields)
    finally:
        text.detach()


def _split(lines: list[str], separator: str) -> list[str] | RowError:
    try:
        return next(csv.reader(lines, delimiter=separator, strict=True), [])
    except csv.Error as error:
        return RowError("bad_csv", f"can't be split into fields: {error}")


def _is_open(lines: Sequence[str]) -> bool:
    """Whether a quoted field goes on in the next line."""
    return sum(line.count('"') for line in lines) % 2 == 1


def _first_lines(file: BinaryIO, encoding: str) -> list[str]:
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, errors="replace", newline="")
    try:
        return [line for _ in range(HEADER_WITHIN) if (line := text.readline(_LONGEST_SAMPLE))]
    finally:
        text.detach()


def _names(source: Source | None) -> frozenset[str]:
    return KNOWN_NAMES if source is None else frozenset(name for each in source.columns.values() for name in each)


def _find_header(file: BinaryIO, encoding: str, separator: str, source: Source | None) -> tuple[int, list[str]]:
    """The line of the header, and its names."""
    first: list[str] = []
    for line, fields in islice(_records(file, encoding, separator), HEADER_WITHIN):
        if isinstance(fields, RowError) or fields[0].lower().startswith(HINT):
            continue
        if source.fits(fields) if source is not None else source_of(fields) is not None:
            return line, fields
        first = first if len(first) >= len(fields) else fields
    raise _unknown(first)


def _notation(file: BinaryIO, encoding: str, separator: str, header_line: int, places: Mapping[str, int]) -> Notation:
    money = [places[field] for field in _MONEY if field in places]

    def texts(wanted: Sequence[int]) -> Iterator[str]:
        for line, fields in _records(file, encoding, separator):
            if line > header_line and not isinstance(fields, RowError):
                yield from (fields[place] for place in wanted if place < len(fields))

    mark = decimal_mark(texts(money)) or (COMMA if separator == ";" else POINT)
    return Notation(mark, is_day_first(texts([places["date"]])) is True)


def _unknown(header: Sequence[str]) -> InvalidInputError:
    shown = ", ".join(repr(cell[:40]) for cell in header[:12]) or "nothing"
    return _refused(
        "unknown_columns",
        f"No header of a known source is in the first {HEADER_WITHIN} lines; there is {shown}. Name a source "
        f"({', '.join(SOURCES)}) and its columns as field=title, with fields of: {', '.join(FIELDS)}.",
    )


def _refused(code: str, detail: str) -> InvalidInputError:
    return InvalidInputError("The file can't be read as a statement.", [Fault("", code, detail)])

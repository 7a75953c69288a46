"""Prints answers: tables for people, JSON for programs."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from goody_emulator.cli.remote import Remote

Row = Mapping[str, Any]


def show(remote: Remote, answer: object, text: str) -> None:
    """Print a text for people, or the answer it was made of for programs."""
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False) if remote.as_json else printable(text))


def show_rows(remote: Remote, answer: object, rows: Sequence[Row], columns: Mapping[str, str], nothing: str) -> None:
    """Print rows as a table with these columns (title by field), or what to say when there are none."""
    show(remote, answer, table(rows, columns) if rows else nothing)


def table(rows: Sequence[Row], columns: Mapping[str, str]) -> str:
    """Return rows as lines with aligned columns; the last one is as wide as it needs to be."""
    lines = [list(columns.values()), *([cell(row.get(field)) for field in columns] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def cell(value: object) -> str:
    """Return a value as it stands in a table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None or value == "" else str(value)


def dollars(cents: int | None) -> str | None:
    """Return an amount of cents as people read it."""
    return None if cents is None else f"{'-' if cents < 0 else ''}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def printable(text: str) -> str:
    """Return a text without what would steer a terminal: names come from whoever sent them."""
    return "".join(each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text)

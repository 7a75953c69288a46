"""Each assumption about Goody can be turned round: docs/assumptions.md says by what, and that exists."""

import re
from pathlib import Path
from typing import Final

import pytest

from goody_emulator.faults.rules import Kind
from goody_emulator.quirks import Quirk

_COMMANDS: Final = ("catalog", "trigger", "statement", "PUT")
DOCS: Final = Path(__file__).parents[2] / "docs"


def _assumptions() -> dict[str, str]:
    """What turns each assumption round, by what it is about."""
    table = (DOCS / "assumptions.md").read_text().partition("| --- |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[1:]]
    return {f"{row[0]} {row[1]}": row[-1] for row in rows}


def _named(flip: str) -> list[str]:
    return re.findall(r"`([^`]+)`", flip)


@pytest.mark.parametrize(("about", "flip"), _assumptions().items(), ids=[each[:40] for each in _assumptions()])
def test_something_turns_it_round(about: str, flip: str) -> None:
    assert _named(flip) or flip.startswith("the emulator by itself"), f"nothing turns round that {about}"
    for each in _named(flip):
        name, _, rest = each.partition(" ")
        known = {*Quirk, *Kind, "chaos", "full", "401"}
        assert name in known or name.startswith("--") or (name in _COMMANDS and rest), (about, each)


def test_every_quirk_is_explained() -> None:
    named = {each for flip in _assumptions().values() for each in _named(flip)}
    assert set(Quirk) - named == {Quirk.WEBHOOKS_FOR_ADMINS}  # Of no consequence here; Goody's file shows its texts.
    assert all(quirk.about.endswith(".") for quirk in Quirk)

"""The command line: goody-emulator quirks."""

from typing import Any

import click

from goody_emulator.cli.options import connected
from goody_emulator.cli.remote import Remote
from goody_emulator.cli.shows import show, show_rows


@click.group()
def quirks() -> None:
    """Turn assumptions about Goody round."""


@quirks.command("list")
@click.option("--active", is_flag=True, help="Those in force only.")
@connected
def list_quirks(remote: Remote, *, active: bool) -> None:
    """List all quirks, with what each does."""
    _tell(remote, remote.get("quirks"), active=active)


@quirks.command("set")
@click.argument("names", nargs=-1, required=True)
@connected
def set_quirks(remote: Remote, names: tuple[str, ...]) -> None:
    """Let these quirks be in force, and no others."""
    _tell(remote, remote.send("PUT", "quirks", {"quirks": list(names)}), active=True)


@quirks.command()
@connected
def clear(remote: Remote) -> None:
    """Lift all quirks; with --key those of its app, not those of all apps."""
    remote.send("DELETE", "quirks")
    show(remote, None, "Lifted.")


def _tell(remote: Remote, answer: dict[str, Any], *, active: bool) -> None:
    rows = [quirk for quirk in answer["quirks"] if quirk["active"] or not active]
    show_rows(
        remote, answer, rows, {"name": "NAME", "active": "IN FORCE", "about": "WHAT IT DOES"}, "None is in force."
    )

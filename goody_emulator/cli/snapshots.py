"""The command line: goody-emulator snapshot."""

from urllib.parse import quote

import click

from goody_emulator.cli.options import connected
from goody_emulator.cli.remote import Remote
from goody_emulator.cli.shows import show, show_rows


@click.group()
def snapshot() -> None:
    """Keep the whole state under a name, and put it back.

    A snapshot holds the orders, money, webhooks, scenarios and the clock of all apps. Faults, quirks and the request
    log are held in memory only and stand in no snapshot.
    """


@snapshot.command("list")
@connected
def list_snapshots(remote: Remote) -> None:
    """List the snapshots there are."""
    answer = remote.get("snapshots")
    columns = {"name": "NAME", "taken_at": "TAKEN", "size": "BYTES"}
    show_rows(remote, answer, answer["data"], columns, "There are no snapshots.")


@snapshot.command()
@click.argument("name")
@connected
def save(remote: Remote, name: str) -> None:
    """Keep the state as it is now, in the place of an earlier snapshot of that NAME."""
    answer = remote.send("PUT", f"snapshots/{quote(name, safe='')}")
    show(remote, answer, f"Saved {answer['name']}, {answer['size']:,} bytes.")


@snapshot.command()
@click.argument("name")
@connected
def restore(remote: Remote, name: str) -> None:
    """Put a snapshot in the place of the present state of all apps."""
    answer = remote.send("POST", f"snapshots/{quote(name, safe='')}/restore")
    show(remote, answer, f"Restored {answer['name']}, taken at {answer['taken_at']}.")


@snapshot.command()
@click.argument("name")
@connected
def delete(remote: Remote, name: str) -> None:
    """Delete a snapshot."""
    remote.send("DELETE", f"snapshots/{quote(name, safe='')}")
    show(remote, None, f"Deleted {name}.")

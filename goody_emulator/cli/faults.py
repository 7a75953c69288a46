"""The command line: goody-emulator faults."""

from typing import Final

import click

from goody_emulator.cli.options import connected, given
from goody_emulator.cli.remote import Remote
from goody_emulator.cli.shows import show, show_rows

_COLUMNS: Final = {
    "kind": "KIND",
    "method": "METHOD",
    "path": "PATH",
    "left": "LEFT",
    "probability": "PROBABILITY",
    "struck": "STRUCK",
    "app": "APP",
}


@click.group()
def faults() -> None:
    """Spoil requests to Goody's operations, as networks and servers do."""


@faults.command("list")
@connected
def list_faults(remote: Remote) -> None:
    """List the faults in force, and the spent ones."""
    answer = remote.get("faults")
    show_rows(remote, answer, [*answer["rules"], *answer["spent"]], _COLUMNS, "There are no faults.")


@faults.command()
@click.argument("kind")
@click.option("--method", help="Only requests with this method.")
@click.option("--path", help="Only requests to this path; * stands for anything.")
@click.option("--query-contains", help="Only requests whose query has this text.")
@click.option("--body-contains", help="Only requests whose body has this text.")
@click.option("--count", type=int, help="Strike so many requests.  [default: 1]")
@click.option("--probability", type=float, help="Strike each with this chance, from 0 to 1.")
@click.option("--seed", type=int, help="With --probability: the same seed strikes the same ones.")
@click.option("--skip", type=int, help="Let so many pass first.")
@click.option("--status", type=int, help="status, lost_answer: the status to answer with.")
@click.option("--retry-after", type=int, help="status, lost_answer: seconds in a Retry-After header.")
@click.option("--seconds", type=float, help="delay, slow: how long.")
@connected
def add(remote: Remote, **rule: object) -> None:
    """Put a fault of a KIND in force.

    KIND is delay, status, lost_answer, malformed, truncated, wrong_type, slow, reset_before, reset_after or empty.
    """
    answer = remote.send("POST", "faults", {"rules": [given(**rule)]})
    show_rows(remote, answer, answer["rules"], _COLUMNS, "")


@faults.command()
@connected
def clear(remote: Remote) -> None:
    """Lift all faults."""
    remote.send("DELETE", "faults")
    show(remote, None, "Lifted.")

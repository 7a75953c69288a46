"""The command line: goody-emulator chaos."""

from typing import Final

import click

from goody_emulator.cli.options import connected, given
from goody_emulator.cli.remote import Remote
from goody_emulator.cli.shows import show, show_rows

_COLUMNS: Final = {
    "kind": "KIND",
    "event_type": "EVENTS",
    "order_id": "ORDER",
    "left": "LEFT",
    "probability": "PROBABILITY",
    "seconds": "SECONDS",
    "held": "HELD BACK",
    "struck": "STRUCK",
    "app": "APP",
}


@click.group()
def chaos() -> None:
    """Bring webhooks into disorder, as real deliveries are."""


@chaos.command("list")
@connected
def list_chaos(remote: Remote) -> None:
    """List the rules in force, with what is left of each."""
    _tell(remote, remote.get("webhooks/chaos"))


@chaos.command()
@click.argument("kind")
@click.option("--event-type", help="Only these events; * stands for anything.")
@click.option("--order", "order_id", help="Only messages about this order.")
@click.option("--count", type=int, help="Strike so many messages.  [default: 1]")
@click.option("--probability", type=float, help="Strike each with this chance, above 0 to 1.")
@click.option("--seed", type=int, help="With --probability: the same seed strikes the same ones.")
@click.option("--seconds", type=float, help="How much later, on the emulator's clock.")
@click.option("--times", type=int, help="duplicate, late_duplicate: how many times more.")
@connected
def add(remote: Remote, **rule: object) -> None:
    """Put a rule of a KIND in force.

    KIND is duplicate, late_duplicate, reorder, delay, drop, early, late or legacy.
    """
    _tell(remote, remote.send("POST", "webhooks/chaos", {"rules": [given(**rule)]}))


@chaos.command()
@connected
def clear(remote: Remote) -> None:
    """Lift all rules; what they hold back is sent."""
    remote.send("DELETE", "webhooks/chaos")
    show(remote, None, "Lifted.")


def _tell(remote: Remote, answer: dict[str, list[dict[str, object]]]) -> None:
    rows = [{**rule, "struck": len(rule["did"]) if isinstance(rule["did"], list) else 0} for rule in answer["rules"]]
    show_rows(remote, answer, rows, _COLUMNS, "There is no chaos.")

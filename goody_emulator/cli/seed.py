"""The command line: goody-emulator seed."""

import sys
from collections.abc import Iterator
from typing import Final

import click

from goody_emulator.cli.options import connected
from goody_emulator.cli.remote import Remote
from goody_emulator.cli.shows import show

_AT_ONCE: Final = 500
"""Orders per request."""
_PATIENCE: Final = 300
_LINE_EVERY: Final = 10
"""Parts between two lines where there is no terminal to draw a bar on."""


@click.command()
@click.option("--orders", default=100, show_default=True, type=click.IntRange(1, 5_000_000), help="How many.")
@click.option("--days", default=90.0, show_default=True, help="How long the history is.")
@click.option("--seed", "dice", default=1, show_default=True, help="The same seed gives the same history.")
@click.option("--payment-method", default="COMMERCE_HOSTED_PAYMENT", show_default=True, help="How all are paid.")
@click.option("--webhooks", is_flag=True, help="Let webhooks tell of it, all at once.")
@connected
def seed(remote: Remote, orders: int, days: float, dice: int, payment_method: str, *, webhooks: bool) -> None:
    """Give an app a past.

    The app of --key gets orders in all statuses, with the payments, shipments and activities that led there.
    """
    body = {"days": days, "seed": dice, "payment_method_id": payment_method, "webhooks": webhooks}
    until = remote.get("clock")["now"]
    parts = -(-orders // _AT_ONCE)
    sizes = [min(_AT_ONCE, orders - _AT_ONCE * place) for place in range(parts)]
    for place in _shown_progress(sizes, orders):
        wanted = {**body, "orders": sizes[place], "until": until, "part": place + 1, "parts": parts}
        remote.send("POST", "seed", wanted, _PATIENCE)
    show(remote, {"orders": orders, "until": until}, f"{orders:,} orders in the {days:g} days until {until}.")


def _shown_progress(sizes: list[int], orders: int) -> Iterator[int]:
    """Yield the number of each part, and show on stderr how far it has come."""
    if sys.stderr.isatty():
        with click.progressbar(length=orders, label="Orders", file=sys.stderr) as bar:
            for place, size in enumerate(sizes):
                yield place
                bar.update(size)
        return
    for place in range(len(sizes)):
        yield place
        if (place + 1) % _LINE_EVERY == 0:
            click.echo(f"{sum(sizes[: place + 1]):,} of {orders:,} orders", err=True)

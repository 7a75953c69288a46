"""The command line: goody-emulator reset."""

import click

from goody_emulator.cli.options import connected
from goody_emulator.cli.remote import Remote
from goody_emulator.cli.shows import show


@click.command()
@connected
def reset(remote: Remote) -> None:
    """Forget all orders, and begin with a full balance again.

    Without --key that is for all apps; the request log and the faults are forgotten too, and the clock is set by the
    machine's.
    """
    remote.send("POST", "reset")
    show(remote, None, "Forgotten.")

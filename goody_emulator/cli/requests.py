"""The command line: goody-emulator requests."""

from typing import Final

import click

from goody_emulator.cli.options import connected
from goody_emulator.cli.remote import Remote
from goody_emulator.cli.shows import show, show_rows

_COLUMNS: Final = {
    "received_at": "RECEIVED",
    "method": "METHOD",
    "path": "PATH",
    "query": "QUERY",
    "status": "STATUS",
    "ms": "MS",
    "fault": "FAULT",
    "app": "APP",
}


@click.command()
@click.option("--method", help="Those with this method only.")
@click.option("--path", help="Those to this path only; * stands for anything.")
@click.option("--status", type=int, help="Those answered with this status only.")
@click.option("--contains", help="Those that contain this text only.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="The latest so many.")
@click.option("--clear", is_flag=True, help="Forget them instead.")
@connected
def requests(remote: Remote, *, clear: bool, **filters: str | int | None) -> None:
    """List the latest requests to Goody's operations, oldest first."""
    if clear:
        remote.send("DELETE", "requests")
        show(remote, None, "Forgotten.")
        return
    answer = remote.get("requests", filters)
    show_rows(remote, answer, answer["data"], _COLUMNS, "There are no such requests.")

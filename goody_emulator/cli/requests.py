"""The command line: goody-emulator requests."""

from typing import Final

import click

from goody_emulator.cli.options import connected, given
from goody_emulator.cli.remote import Remote
from goody_emulator.cli.shows import show, show_rows

_GRACE: Final = 30
"""Seconds an answer may take besides what it is asked to wait for."""
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
@click.option("--expect", type=click.IntRange(0, 1000), help="Fail (exit code 1) unless it is so many; list nothing.")
@click.option("--within", default=0, type=click.FloatRange(0, 60), help="--expect: seconds it may take until it is so.")
@click.option("--clear", is_flag=True, help="Forget them instead.")
@connected
def requests(
    remote: Remote, *, clear: bool, expect: int | None, within: float, limit: int, **filters: str | int | None
) -> None:
    """List the latest requests to Goody's operations, oldest first."""
    if clear:
        remote.send("DELETE", "requests")
        show(remote, None, "Forgotten.")
        return
    if expect is not None:
        wanted = given(**filters, count=expect, within_seconds=within)
        remote.send("POST", "requests/assert", wanted, patience=within + _GRACE)
        show(remote, wanted, f"So it is: {expect}.")
        return
    answer = remote.get("requests", {**filters, "limit": limit})
    show_rows(remote, answer, answer["data"], _COLUMNS, "There are no such requests.")

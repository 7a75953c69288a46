"""The command line: goody-emulator clock."""

from typing import Any, Final

import click

from goody_emulator.cli.options import Duration, connected, given
from goody_emulator.cli.remote import Remote
from goody_emulator.cli.shows import show

_PATIENCE: Final = 120
_MARGIN: Final = 30
"""Seconds the answer may take beyond the patience."""


class Showing(click.Group):
    """Commands of which `show` needs no name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take options without a command, or nothing at all, for those of `show`."""
        is_named = bool(args) and (not args[0].startswith("-") or args[0] == "--help")
        return super().parse_args(ctx, args if is_named else ["show", *args])


@click.group(cls=Showing)
def clock() -> None:
    """Look at the emulator's clock, stop it, move it on."""


@clock.command("show")
@connected
def show_clock(remote: Remote) -> None:
    """Show the emulator's time."""
    _tell(remote, remote.get("clock"))


@clock.command()
@click.option("--to", help="Move it to this moment (ISO 8601) first.")
@connected
def freeze(remote: Remote, to: str | None) -> None:
    """Let it stand still."""
    _tell(remote, remote.send("POST", "clock/freeze", given(to=to), _PATIENCE + _MARGIN))


@clock.command()
@click.argument("duration", type=Duration(), required=False)
@click.option("--to", help="Move it to this moment (ISO 8601) instead.")
@click.option("--patience", default=_PATIENCE, show_default=True, help="Seconds to wait for what comes due on the way.")
@connected
def advance(remote: Remote, duration: float | None, to: str | None, patience: int) -> None:
    """Move it on by a DURATION such as 90s, 2h or 3d; what comes due on the way happens in its order."""
    if (duration is None) == (to is None):
        raise click.UsageError("Say how far: a duration such as 2h, or a moment with --to.")
    body = given(seconds=duration, to=to, patience=patience)
    _tell(remote, remote.send("POST", "clock/advance", body, patience + _MARGIN))


@clock.command()
@connected
def resume(remote: Remote) -> None:
    """Let it run on from where it stands."""
    _tell(remote, remote.send("POST", "clock/resume"))


def _tell(remote: Remote, answer: Any) -> None:  # noqa: ANN401 - JSON
    state = "stands still" if answer["frozen"] else "runs"
    text = f"{answer['now']}, and {state} ({_ahead(answer['ahead_seconds'])} the machine's clock)"
    if answer.get("is_settled") is False:
        text += "\nNot all that came due on the way is done yet: a receiver of webhooks is slow."
    show(remote, answer, text)


def _ahead(seconds: int) -> str:
    if abs(seconds) <= 1:
        return "at one with"
    return f"{abs(seconds):,} s {'ahead of' if seconds > 0 else 'behind'}"

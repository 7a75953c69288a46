"""The options of all commands that talk to an emulator."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from goody_emulator.cli.remote import USUAL_URL, Remote
from goody_emulator.scenarios.durations import milliseconds

Result = TypeVar("Result")


class Duration(click.ParamType[float]):
    """A length of time such as 90s, 15m, 2h or 1.5d; the command gets seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        """Return the seconds."""
        try:
            return milliseconds(str(value)) / 1000
        except ValueError as error:
            self.fail(str(error), param, ctx)


def connected(command: Callable[..., Result]) -> Callable[..., Result]:
    """Give a command the emulator to talk to as its first argument, and the options that say which one."""

    @click.option("--url", envvar="GOODY_EMULATOR_URL", default=USUAL_URL, show_default=True, help="The emulator.")
    @click.option("--key", envvar="GOODY_API_KEY", help="Be about the app of this key only.")
    @click.option("--json", "as_json", is_flag=True, help="Print what the emulator answers, for programs.")
    @functools.wraps(command)
    def talking(*, url: str, key: str | None, as_json: bool, **options: Any) -> Result:  # noqa: ANN401 - the command's own
        with Remote(url, key, as_json=as_json) as remote:
            return command(remote, **options)

    return talking


def given(**options: object) -> dict[str, object]:
    """Return the options that were given, as the fields of a body."""
    return {name: value for name, value in options.items() if value is not None and value != ()}

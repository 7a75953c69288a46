"""The command line: goody-emulator."""

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import click

_COMMANDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "Run it": {"serve": "serve"},
        "Time and state": {"clock": "clock", "snapshot": "snapshots", "seed": "seed", "reset": "state"},
        "Orders": {"orders": "orders", "trigger": "orders", "batch": "orders", "scenario": "scenarios"},
        "Catalog and money": {
            "catalog": "catalog",
            "deposit": "money",
            "withdraw": "money",
            "payout": "money",
            "statement": "money",
        },
        "Webhooks": {"webhooks": "webhooks", "chaos": "chaos"},
        "Requests": {"requests": "requests", "faults": "faults", "quirks": "quirks"},
    }
)
"""The module of each command, by what it is about."""


class Menu(click.Group):
    """The commands by what they are about; each is imported only when it is needed, so that all are quick."""

    def list_commands(self, _: click.Context) -> list[str]:
        """Return the names of all commands, in the order they are explained in."""
        return [name for section in _COMMANDS.values() for name in section]

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        """Return a command by its name, or None."""
        for section in _COMMANDS.values():
            if name in section:
                module = importlib.import_module(f"{__name__}.{section[name]}")
                command: click.Command = getattr(module, name)
                return command
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Explain the commands, section by section."""
        for title, section in _COMMANDS.items():
            with formatter.section(title):
                known = [(name, self.get_command(ctx, name)) for name in section]
                formatter.write_dl([(name, command.get_short_help_str(80)) for name, command in known if command])


@click.group(cls=Menu)
@click.version_option(package_name="goody-storefront")
def main() -> None:
    """Run a stateful local emulator of Goody's Commerce API, and play with it.

    All commands but `serve` talk to a running emulator: the one of --url (or GOODY_EMULATOR_URL). With --key (or
    GOODY_API_KEY) they are about the app of that key, without it about all apps.
    """

"""The command line: `storefront …`. Exit codes: 0 done, 1 failed with one clear line on stderr, 2 wrong usage."""

import sys
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final

import click

from foundation.errors import InvalidInputError, StorefrontError

MODULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "init": "deployment",
        "app": "apps",
        "key": "keys",
        "keys": "encryption",
        "sync": "catalog",
        "curation": "curation",
        "serve": "deployment",
        "worker": "deployment",
        "submission": "submissions",
        "webhook": "webhooks",
        "terms": "revenue_share",
        "report": "revenue_share",
        "explain": "revenue_share",
        "ledger": "ledger",
        "period": "ledger",
        "statement": "statements",
        "reconcile": "reconciliation",
        "discrepancy": "reconciliation",
        "customer": "customers",
        "endpoint": "endpoints",
        "doctor": "doctor",
        "openapi": "openapi",
        "demo": "demo",
    }
)
"""The module of each command."""


class Menu(click.Group):
    """Imports a command only when it is needed: nothing that another one stands on delays its start."""

    def list_commands(self, _: click.Context) -> list[str]:
        """The names of all commands, as a newcomer needs them."""
        return list(MODULES)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        """A command by its name, or None."""
        if name not in MODULES:
            return None
        command: click.Command = getattr(import_module(f"{__name__}.{MODULES[name]}"), name)
        return command


@click.group(cls=Menu, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="goody-storefront")
def cli() -> None:
    """Sell Goody's gifts in your own app. Settings come from the environment or a .env file; see the README."""


def main() -> None:
    """Run the command line; a failure is one line on stderr that says what to do."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(1)
    except StorefrontError as error:
        click.echo(f"storefront: {_in_one_line(error)}", err=True)
        sys.exit(1)


def _in_one_line(error: StorefrontError) -> str:
    faults = error.faults if isinstance(error, InvalidInputError) else ()
    return " ".join([error.detail, *(f"{fault.pointer}: {fault.detail}." for fault in faults)])

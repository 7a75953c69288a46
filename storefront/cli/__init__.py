"""The command line: `storefront …`. Exit codes: 0 done, 1 failed with one clear line on stderr, 2 wrong usage."""

import sys

import click

from foundation.errors import InvalidInputError, StorefrontError
from storefront.cli.apps import app, key, keys
from storefront.cli.catalog import sync
from storefront.cli.demo import demo
from storefront.cli.deployment import init, openapi, serve, worker
from storefront.cli.doctor import doctor
from storefront.cli.submissions import submission
from storefront.cli.webhooks import webhook


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="goody-storefront")
def cli() -> None:
    """Sell Goody's gifts in your own app. Settings come from the environment or a .env file; see the README."""


for command in (init, app, key, keys, sync, serve, worker, submission, webhook, doctor, openapi, demo):
    cli.add_command(command)


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

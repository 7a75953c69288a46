"""The command line: goody-emulator."""

import click

from goody_emulator.cli.serve import serve


@click.group()
@click.version_option(package_name="goody-storefront")
def main() -> None:
    """Run a stateful local emulator of Goody's Commerce API, and play with it."""


main.add_command(serve)

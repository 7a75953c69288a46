"""The keys that secrets are encrypted with at rest: keys."""

import sys

import click

from foundation.encryption import generate_key
from foundation.errors import StorefrontError
from foundation.reencryption import Tally
from storefront.cli.session import open_services


@click.group()
def keys() -> None:
    """Encryption keys of this deployment."""


@keys.command("generate")
def generate() -> None:
    """Print a new key for STOREFRONT_ENCRYPTION_KEYS."""
    click.echo(generate_key())


@keys.command("rotate-encryption")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Only count what is still under an older key.")
def rotate_encryption(*, is_dry_run: bool) -> None:
    """Encrypt every stored secret with the first key, so that the others can go. Begin again where it was stopped."""
    with open_services() as services:
        tallies = services.reencryption.run(_show if sys.stderr.isatty() else _say_nothing, is_dry_run=is_dry_run)
    for tally in tallies:
        click.echo(
            f"{tally.column}: {tally.current} under the first key, {tally.renewed} of them renewed now, "
            f"{tally.remaining} under older ones, {tally.unreadable} unreadable"
        )
    unreadable = sum(tally.unreadable for tally in tallies)
    if unreadable:
        raise StorefrontError(
            f"{unreadable} can't be read with any of STOREFRONT_ENCRYPTION_KEYS. Add the key that wrote them back, "
            "after the others, and run this again."
        )
    remaining = sum(tally.remaining for tally in tallies)
    if remaining:
        click.echo(f"{remaining} remain under older keys: run this without --dry-run.")
    else:
        click.echo("Nothing remains under older keys: they can leave STOREFRONT_ENCRYPTION_KEYS.")


def _show(tally: Tally) -> None:
    done = tally.current + tally.remaining + tally.unreadable
    click.echo(f"\r{tally.column}: {done}", nl=False, err=True)


def _say_nothing(_tally: Tally) -> None:
    """Progress is for a terminal."""

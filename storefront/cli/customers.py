"""What is held about one customer: customer."""

import json
from typing import TextIO

import click

from storefront.cli.session import open_services

APP = click.option("--app", "slug", required=True, help="The app's slug.")


@click.group()
def customer() -> None:
    """A customer's personal data: shown, or erased."""


@customer.command("export")
@APP
@click.argument("customer_id")
@click.option("--output", type=click.File("w"), default="-", help="A file; standard output otherwise.")
def export(slug: str, customer_id: str, output: TextIO) -> None:
    """Print everything that is held about a customer of one app, as JSON."""
    with open_services() as services:
        found = services.customers.export(slug, customer_id)
    output.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


@customer.command("erase")
@APP
@click.argument("customer_id")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
def erase(slug: str, customer_id: str, *, is_sure: bool) -> None:
    """Take a customer's personal data out of everything; prints counts as JSON. Money and ids stay. It can't be undone.

    Goody keeps records of its own, which only Goody can erase.
    """
    if not is_sure:
        click.confirm(f"Erase the personal data of {customer_id} of {slug}? It can't be undone", abort=True, err=True)
    with open_services() as services:
        click.echo(json.dumps(services.customers.erase(slug, customer_id), indent=2))

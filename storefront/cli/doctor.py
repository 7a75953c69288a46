"""Checking a deployment: doctor."""

import sys

import click

from storefront.cli.session import open_services
from storefront.diagnosis import diagnose


@click.command()
@click.option("--app", "slug", default=None, help="One app only.")
def doctor(slug: str | None) -> None:
    """Check each app's Goody key, webhook secret and catalog, and say what to do."""
    with open_services() as services:
        findings = diagnose(services, slug)
    for finding in findings:
        click.echo(f"{'ok  ' if finding.is_ok else 'FAIL'}  {finding.subject}: {finding.detail}")
    if not all(finding.is_ok for finding in findings):
        sys.exit(1)

"""Reconciliation from the shell: reconcile, discrepancy list, discrepancy resolve."""

import getpass
import json
from datetime import UTC, datetime
from typing import Any

import click

from foundation.money import show
from payments.reconciliation.discrepancies import DiscrepancyFilter
from payments.reconciliation.kinds import Status, Type
from payments.reconciliation.tables import Discrepancy
from storefront.cli.session import open_services
from storefront.services import Services
from storefront.statement_presenters import discrepancies_csv, present_discrepancy, present_reconciliation

APP = click.option("--app", "slug", required=True, metavar="SLUG", help="Whose money.")


@click.command()
@APP
@click.option("--from", "since", type=click.DateTime(), required=True, help="In UTC, included.")
@click.option("--to", "until", type=click.DateTime(), required=True, help="In UTC, excluded.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def reconcile(slug: str, since: datetime, until: datetime, *, as_json: bool) -> None:
    """Match the statements of a period with what was expected, book what came, and tell what does not agree."""
    with open_services() as services:
        app_id = services.apps.by_slug(slug).id
        run = services.reconciliations.run(
            app_id, since.replace(tzinfo=UTC), until.replace(tzinfo=UTC), getpass.getuser()
        )
        standing = _all(services, app_id, Status.OPEN)
        shown = present_reconciliation(run)
        now = services.clock()
    if as_json:
        discrepancies = [present_discrepancy(each, now) for each in standing]
        click.echo(json.dumps({**shown, "open_discrepancies": discrepancies}, default=str))
        return
    click.echo(_sentence(slug, shown))
    for each in standing:
        click.echo(f"  {_in_one_line(each)}")
    click.echo(f"{len(standing)} open." if standing else "Everything agrees.")


@click.group()
def discrepancy() -> None:
    """What does not agree between statements, balance and books."""


@discrepancy.command("list")
@APP
@click.option(
    "--status", type=click.Choice([status.value for status in Status]), default=None, help="All of them if left out."
)
@click.option("--csv", "as_csv", is_flag=True, help="Print a table for a spreadsheet.")
def list_discrepancies(slug: str, status: str | None, *, as_csv: bool) -> None:
    """Show discrepancies, newest first."""
    with open_services() as services:
        found = _all(services, services.apps.by_slug(slug).id, None if status is None else Status(status))
        now = services.clock()
    if as_csv:
        click.echo(discrepancies_csv(found, now), nl=False)
        return
    for each in found:
        click.echo(_in_one_line(each))
    if not found:
        click.echo("There is none.")


@discrepancy.command("resolve")
@click.argument("discrepancy_id")
@APP
@click.option(
    "--status", type=click.Choice([status.value for status in Status]), default=Status.RESOLVED.value, show_default=True
)
@click.option("--note", required=True, help="Why: kept with the discrepancy, and with what it leaves in the books.")
@click.option("--by", default=getpass.getuser, show_default="the user of this shell", help="Who decides it.")
def resolve_discrepancy(discrepancy_id: str, slug: str, status: str, note: str, by: str) -> None:
    """Say what becomes of a discrepancy."""
    with open_services() as services:
        app_id = services.apps.by_slug(slug).id
        found = services.discrepancies.settle(app_id, discrepancy_id, Status(status), note, by)
    entries = f" Booked as entry {', '.join(map(str, found.entries))}." if found.entries else ""
    click.echo(f"{found.id} is {found.status}.{entries}")


def _all(services: Services, app_id: str, status: Status | None) -> list[Discrepancy]:
    found: list[Discrepancy] = []
    wanted = DiscrepancyFilter(status=status, limit=100)
    while rows := services.discrepancies.find(app_id, wanted):
        found += rows[: wanted.limit]
        if len(rows) <= wanted.limit:
            break
        wanted = DiscrepancyFilter(status=status, limit=100, before=(found[-1].opened_at, found[-1].id))
    return found


def _sentence(slug: str, shown: dict[str, Any]) -> str:
    rules = ", ".join(f"{count} by {rule}" for rule, count in shown["matches"].items()) or "none"
    waiting = (
        f" {shown['lines_waiting']} lines wait for their order's share to be known." if shown["lines_waiting"] else ""
    )
    changes = f"{shown['discrepancies_opened']} opened, {shown['discrepancies_resolved']} resolved"
    return (
        f"{slug}: {shown['lines']} lines beside {shown['orders']} orders. Matched: {rules}; "
        f"{shown['matches_new']} new. Discrepancies: {changes}.{waiting}"
    )


def _in_one_line(found: Discrepancy) -> str:
    kind = Type(found.type)
    return (
        f"{found.id}  {found.status}  {kind}  {show(found.amount)}  {found.occurred_at:%Y-%m-%d}  {found.explanation}"
    )

"""The books from the shell: ledger balances, export, adjust; period close, reopen, list."""

import getpass
import json
from typing import IO, Any

import click

from foundation.database import Session
from foundation.spreadsheets import csv_lines
from payments.ledger.accounts import TITLES
from payments.ledger.adjusting import Adjustment, Wish
from payments.ledger.exporting import HEADER, beancount, dollars, entries_in_order, journal_rows
from payments.ledger.periods import Period
from storefront.cli.session import open_services
from storefront.ledger_presenters import present_closing, present_entry

BY = click.option("--by", default=getpass.getuser, show_default="the user of this shell", help="Who does it.")
APP = click.option("--app", "slug", required=True, metavar="SLUG")


@click.group()
def ledger() -> None:
    """The books of an app, in double entry."""


@ledger.command("balances")
@APP
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; amounts in cents.")
def show_balances(slug: str, *, as_json: bool) -> None:
    """Show the balance of every account."""
    with open_services() as services:
        found = services.ledger_reader.balances(services.apps.by_slug(slug).id)
    if as_json:
        click.echo(json.dumps({account.value: amount for account, amount in found.items()}))
        return
    for account, amount in found.items():
        click.echo(f"{TITLES[account]:<28} {dollars(amount):>16}")


@ledger.command("export")
@APP
@click.option("--format", "kind", type=click.Choice(["beancount", "csv"]), default="beancount", show_default=True)
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=True), default="-")
def export_journal(slug: str, kind: str, file: IO[str]) -> None:
    """Write the whole journal to FILE (- is stdout)."""
    with open_services() as services:
        app_id = services.apps.by_slug(slug).id
        with services.sessions.read() as session:
            _write(session, app_id, slug, kind, file)


@ledger.command("pending")
@APP
def list_pending(slug: str) -> None:
    """List orders that were accepted and whose share can't be told yet, and what each waits for."""
    with open_services() as services:
        found = services.share_reports.pending(services.apps.by_slug(slug).id)
    for each in found:
        accepted = "-" if each.accepted_at is None else f"{each.accepted_at:%Y-%m-%d %H:%M}"
        tried = "" if each.next_try_at is None else f"  tried again {each.next_try_at:%Y-%m-%d %H:%M}"
        click.echo(f"{each.order_id}  accepted {accepted}  waits for {each.pending_because}{tried}")
    if not found:
        click.echo(f"Every accepted order of {slug} has its share.")


@ledger.command("adjust")
@APP
@BY
@click.argument("kind", type=click.Choice(["deposit", "withdrawal", "reversal"]))
@click.argument("number", type=click.IntRange(1), metavar="CENTS|ENTRY")
@click.option("--reason", required=True, help="Why: kept with the entry.")
def adjust(slug: str, by: str, kind: str, number: int, reason: str) -> None:
    """Post a deposit or withdrawal of CENTS, or take ENTRY back by its number."""
    is_reversal = kind == Adjustment.REVERSAL
    wish = Wish(Adjustment(kind), reason, amount=None if is_reversal else number, entry=number if is_reversal else None)
    with open_services() as services:
        posted = services.adjustments.post(services.apps.by_slug(slug).id, wish, by)
    shown = present_entry(posted)
    click.echo(f"Entry {shown['number']}: {shown['kind']}, {shown['reason']}")


@click.group()
def period() -> None:
    """Months of the books: what is closed stays as it is."""


@period.command("close")
@APP
@BY
@click.argument("month")
def close_period(slug: str, by: str, month: str) -> None:
    """Close MONTH (2026-11); prints its closing report as JSON."""
    with open_services() as services:
        closing = services.closings.close(services.apps.by_slug(slug).id, Period.read(month), by)
    click.echo(json.dumps(_plain(present_closing(closing))))


@period.command("reopen")
@APP
@BY
@click.argument("month")
@click.option("--reason", required=True, help="Why: kept in the log of the months.")
def reopen_period(slug: str, by: str, month: str, reason: str) -> None:
    """Open the last closed MONTH again."""
    with open_services() as services:
        closing = services.closings.reopen(services.apps.by_slug(slug).id, Period.read(month), by, reason)
    click.echo(f"{closing.period} of {slug} is open again. Close it once it is mended.")


@period.command("list")
@APP
def list_periods(slug: str) -> None:
    """List every closing and reopening, in order."""
    with open_services() as services:
        found = services.closings.all(services.apps.by_slug(slug).id)
    for each in found:
        click.echo(
            f"{each.period}  {each.action:<8}  {each.done_at:%Y-%m-%d %H:%M}  {each.done_by}  {each.reason or ''}"
        )
    if not found:
        click.echo(f"No month of {slug} was closed yet.")


def _write(session: Session, app_id: str, slug: str, kind: str, file: IO[str]) -> None:
    if kind == "beancount":
        for line in beancount(session, app_id, slug):
            file.write(f"{line}\n")
        return
    for line in csv_lines(HEADER, journal_rows(entries_in_order(session, app_id))):
        file.write(line)


def _plain(closing: dict[str, Any]) -> dict[str, Any]:
    return {**closing, "done_at": closing["done_at"].isoformat()}

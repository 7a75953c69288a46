"""Revenue share from the shell: terms show, terms set, report, explain."""

import getpass
import json
from datetime import UTC, date, datetime, timedelta
from typing import IO, Any, Final

import click
from marshmallow import ValidationError

from foundation.errors import Fault, InvalidInputError
from payments.revenue_share.reports import GroupBy
from payments.revenue_share.terms import Terms
from storefront.api.schemas.revenue_share import NewTermsSchema
from storefront.cli.ledger_tables import explanation_as_text, report_as_text, terms_as_text
from storefront.cli.session import open_services
from storefront.ledger_presenters import present_explanation, present_terms
from storefront.report_csv import report_as_csv

GROUPS: Final = [each.value for each in GroupBy]


@click.group()
def terms() -> None:
    """What an app earns of each order, and from when that holds. docs/revenue-share.md explains it."""


@terms.command("show")
@click.option("--app", "slug", required=True, metavar="SLUG")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show_terms(slug: str, *, as_json: bool) -> None:
    """Show all terms, by the moment from which they hold."""
    with open_services() as services:
        history = services.share_terms.history(services.apps.by_slug(slug).id)
    shown = {"terms": [present_terms(each) for each in history]}
    click.echo(_as_json(shown) if as_json else "\n".join(map(terms_as_text, history)) or f"{slug} has no terms yet.")


@terms.command("set")
@click.option("--app", "slug", required=True, metavar="SLUG")
@click.option("--by", default=getpass.getuser, show_default="the user of this shell", help="Who enters them.")
@click.argument("file", type=click.File("r", encoding="utf-8"))
def set_terms(slug: str, by: str, file: IO[str]) -> None:
    """Enter the terms in FILE, JSON as `PUT /v1/revenue_share/terms` takes it (- is stdin)."""
    data = _read(file)
    holds_from, reason = data.pop("holds_from"), data.pop("reason")
    with open_services() as services:
        agreed = services.share_terms.enter(services.apps.by_slug(slug).id, Terms.read(data), holds_from, by, reason)
    click.echo(terms_as_text(agreed))


@click.command()
@click.option("--app", "slug", required=True, metavar="SLUG")
@click.option("--from", "first", metavar="DAY", help="First day (UTC). Default: the first of this month.")
@click.option("--to", "last", metavar="DAY", help="Last day, included. Default: today.")
@click.option("--group-by", type=click.Choice(GROUPS), default=GroupBy.BRAND.value, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV; amounts in cents.")
def report(slug: str, first: str | None, last: str | None, group_by: str, *, as_json: bool, as_csv: bool) -> None:
    """Show what an app's revenue share earned, what came, and what is still to come."""
    today = datetime.now(UTC).date()
    first_day, last_day = _day(first, today.replace(day=1), "--from"), _day(last, today, "--to")
    with open_services() as services:
        app_id = services.apps.by_slug(slug).id
        made = services.share_reports.report(app_id, first_day, last_day, GroupBy(group_by))
    if as_csv:
        click.echo(report_as_csv(made), nl=False)
    else:
        click.echo(_as_json(made.write()) if as_json else report_as_text(made))


@click.command()
@click.argument("order_id")
@click.option("--app", "slug", metavar="SLUG", help="Only if it is this app's.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def explain(order_id: str, slug: str | None, *, as_json: bool) -> None:
    """Follow every amount of an order to its terms, its entries, and who told of each."""
    with open_services() as services:
        app_id = None if slug is None else services.apps.by_slug(slug).id
        told = services.explanations.explain(app_id, order_id)
    click.echo(_as_json(present_explanation(told)) if as_json else explanation_as_text(told))


def _read(file: IO[str]) -> dict[str, Any]:
    try:
        data: dict[str, Any] = NewTermsSchema().load(json.load(file))
    except ValidationError as error:
        faults = [Fault(f"/{name}", "invalid", str(text)) for name, text in sorted(error.messages_dict.items())]
        raise InvalidInputError(f"{file.name} can't be used.", faults) from error
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"{file.name} can't be read as JSON: {error}.") from error
    return data


def _day(text: str | None, default: date, option: str) -> date:
    try:
        return default if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter("must be a day, such as 2026-11-30", param_hint=option) from error


def _as_json(shown: dict[str, Any]) -> str:
    return json.dumps(shown, default=_written, ensure_ascii=False)


def _written(value: datetime | timedelta) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)

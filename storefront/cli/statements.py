"""Statements from the shell: statement import, statement show."""

import getpass
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from foundation.money import show
from payments.statements.mappings import SOURCES, Source, named_columns, named_source
from storefront.cli.session import open_services
from storefront.statement_presenters import present_import, present_statement

SHOWN: Final = 20
"""Bad lines named on a terminal; `statement show` has the first 200."""


@click.group()
def statement() -> None:
    """What really moved, as CSV of Goody's. docs/reconciliation.md tells what becomes of it."""


@statement.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--app", "slug", required=True, metavar="SLUG", help="Whose statement.")
@click.option("--source", "name", type=click.Choice([*SOURCES]), help="Told by the columns if left out.")
@click.option("--column", "columns", multiple=True, metavar="FIELD=TITLE", help="Where a column is named otherwise.")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Say what would come of it, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_statement(
    file: Path, slug: str, name: str | None, columns: tuple[str, ...], *, is_dry_run: bool, as_json: bool
) -> None:
    """Import FILE. What is known already changes nothing; bad lines are told, and the rest is imported."""
    source = _source(name, columns)
    with open_services() as services, file.open("rb") as content:
        imported = services.statements.import_file(
            services.apps.by_slug(slug).id, content, by=getpass.getuser(), source=source, is_dry_run=is_dry_run
        )
    shown = present_import(imported)
    click.echo(json.dumps(shown, default=str) if as_json else _sentence(slug, shown))
    if not as_json:
        _show_bad(shown)


@statement.command("show")
@click.argument("statement_id")
@click.option("--app", "slug", required=True, metavar="SLUG", help="Whose statement.")
def show_statement(statement_id: str, slug: str) -> None:
    """Print a statement as JSON."""
    with open_services() as services:
        found = services.statements.get(services.apps.by_slug(slug).id, statement_id)
    click.echo(json.dumps(present_statement(found), indent=2, default=str))


def _source(name: str | None, columns: Sequence[str]) -> Source | None:
    if name is None and columns:
        raise click.UsageError("--column needs --source.")
    return None if name is None else named_source(name, named_columns(columns))


def _sentence(slug: str, shown: dict[str, Any]) -> str:
    what = f"{shown['rows']} lines, {show(shown['sum_of_rows'])} in all"
    if shown["is_dry_run"]:
        outcome = f"dry run, nothing was imported. {what}: {shown['rows_new']} new, {shown['rows_known']} known"
    elif shown["is_new"]:
        outcome = f"{shown['id']} is imported as {shown['source']}. {what}: {shown['rows_new']} new, "
        outcome += f"{shown['rows_known']} known, {shown['rows_revised']} earlier ones revised, "
        outcome += f"{shown['rows_withdrawn']} withdrawn"
    else:
        outcome = f"this file was imported before, as {shown['id']}. {what}"
    return f"{slug}: {outcome}; {shown['rows_bad']} bad."


def _show_bad(shown: dict[str, Any]) -> None:
    for problem in shown["problems"][:SHOWN]:
        column = f", {problem['column']}" if problem["column"] else ""
        click.echo(f"  line {problem['line']}{column}: {problem['detail']}")
    if shown["rows_bad"] > SHOWN:
        click.echo(f"  … and {shown['rows_bad'] - SHOWN} more.")

"""Statements: what really moved, as Goody says."""

from http import HTTPStatus
from typing import Any

from flask import url_for

from foundation.errors import Fault, InvalidInputError
from payments.statements.mappings import Source, named_columns, named_source
from payments.statements.reading import LARGEST_FILE
from storefront.api.access import BACKEND, allow, caller
from storefront.api.idempotent import HEADER, idempotent
from storefront.api.schemas.statements import ImportedStatementSchema, StatementQuery, StatementSchema
from storefront.api.smorest import Blueprint
from storefront.api.uploads import takes_file, uploaded
from storefront.api.wiring import services
from storefront.statement_presenters import present_import, present_statement

blueprint = Blueprint("statements", __name__, url_prefix="/v1/statements", description="What really moved")

CSV = "text/csv"


@blueprint.route("", methods=["POST"])
@takes_file(LARGEST_FILE, CSV)
@idempotent()
@blueprint.arguments(StatementQuery, location="query")
@blueprint.response(201, ImportedStatementSchema)
@blueprint.alt_response(200, ImportedStatementSchema)
@blueprint.file_body(CSV)
@blueprint.header(HEADER, "a new one for each file, the same one for its retries")
@allow(BACKEND)
def import_statement(query: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Import a CSV file. Lines that are known already change nothing; bad ones are told, and the rest is imported.

    201 for a file that is new; 200 for a dry run, and for a file that was imported before.
    """
    imported = services().statements.import_file(
        caller().app_id,
        uploaded(),
        by=caller().key_id,
        source=_source(query["source"], query["column"]),
        is_dry_run=query["dry_run"],
    )
    shown = present_import(imported)
    if imported.is_dry_run:
        return shown, HTTPStatus.OK, {}
    location = {"Location": url_for("statements.get_statement", statement_id=shown["id"])}
    return shown, HTTPStatus.CREATED if imported.is_new else HTTPStatus.OK, location


@blueprint.route("/<string:statement_id>")
@blueprint.response(200, StatementSchema)
@allow(BACKEND)
def get_statement(statement_id: str) -> dict[str, Any]:
    """One statement: its period, its balances, how many lines were new, and what was wrong with which."""
    return present_statement(services().statements.get(caller().app_id, statement_id))


def _source(name: str | None, columns: list[str]) -> Source | None:
    if name is None and columns:
        fault = Fault("/source", "required", "name the source whose columns are named otherwise")
        raise InvalidInputError("The statement can't be read so.", [fault])
    return None if name is None else named_source(name, named_columns(columns))

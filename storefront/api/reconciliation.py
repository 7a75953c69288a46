"""What was expected beside what came, and what does not agree."""

from http import HTTPStatus
from typing import Any

from flask import Response, request, url_for

from foundation.spreadsheets import MEDIA_TYPE
from payments.reconciliation.discrepancies import DiscrepancyFilter
from payments.reconciliation.kinds import Status, Type
from storefront.api.access import BACKEND, allow, caller
from storefront.api.idempotent import HEADER, idempotent
from storefront.api.lists import link_next, page, read_position, write_position
from storefront.api.schemas.reconciliation import (
    DiscrepanciesQuery,
    DiscrepancyPageSchema,
    DiscrepancySchema,
    NewReconciliationSchema,
    ReconciliationSchema,
    ResolutionSchema,
)
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services
from storefront.statement_presenters import discrepancies_csv, present_discrepancy, present_reconciliation

blueprint = Blueprint("reconciliation", __name__, url_prefix="/v1", description="What was expected, and what came")

Answer = tuple[dict[str, Any], int, dict[str, str]]


@blueprint.route("/reconciliations", methods=["POST"])
@idempotent(is_accepted_final=True)
@blueprint.arguments(NewReconciliationSchema)
@blueprint.response(202, ReconciliationSchema)
@blueprint.header(HEADER, "a new one for each run, the same one for its retries")
@allow(BACKEND)
def begin_reconciliation(period: dict[str, Any]) -> Answer:
    """Begin to reconcile a period; it goes on in the background. 409 if one is under way."""
    run = services().reconciliations.begin(caller().app_id, period["from_"], period["to"], caller().key_id)
    location = url_for("reconciliation.get_reconciliation", reconciliation_id=run.id)
    return present_reconciliation(run), HTTPStatus.ACCEPTED, {"Location": location}


@blueprint.route("/reconciliations/<string:reconciliation_id>")
@blueprint.response(200, ReconciliationSchema)
@allow(BACKEND)
def get_reconciliation(reconciliation_id: str) -> dict[str, Any]:
    """One run: what matched by which rule, what did not agree, what became of earlier discrepancies."""
    return present_reconciliation(services().reconciliations.get(caller().app_id, reconciliation_id))


@blueprint.route("/discrepancies")
@blueprint.arguments(DiscrepanciesQuery, location="query")
@blueprint.response(200, DiscrepancyPageSchema)
@allow(BACKEND)
def list_discrepancies(query: dict[str, Any]) -> Answer | Response:
    """What does not agree, newest first. With `Accept: text/csv` a table for a spreadsheet."""
    wanted = DiscrepancyFilter(
        status=None if query["status"] is None else Status(query["status"]),
        type=None if query["type"] is None else Type(query["type"]),
        order_id=query["order_id"],
        before=read_position(query["cursor"]),
        limit=query["limit"],
    )
    rows = services().discrepancies.find(caller().app_id, wanted)
    shown = rows[: wanted.limit]
    cursor = write_position(shown[-1].opened_at, shown[-1].id) if len(rows) > wanted.limit else None
    if request.accept_mimetypes.best_match(["application/json", MEDIA_TYPE]) == MEDIA_TYPE:
        return Response(discrepancies_csv(shown, services().clock()), mimetype=MEDIA_TYPE, headers=link_next(cursor))
    return page([present_discrepancy(each, services().clock()) for each in shown], cursor)


@blueprint.route("/discrepancies/<string:discrepancy_id>")
@blueprint.response(200, DiscrepancySchema)
@allow(BACKEND)
def get_discrepancy(discrepancy_id: str) -> dict[str, Any]:
    """One discrepancy, with what it rests on and what has been done about it."""
    found = services().discrepancies.get(caller().app_id, discrepancy_id)
    return present_discrepancy(found, services().clock())


@blueprint.route("/discrepancies/<string:discrepancy_id>/resolve", methods=["POST"])
@idempotent()
@blueprint.arguments(ResolutionSchema)
@blueprint.response(200, DiscrepancySchema)
@blueprint.header(HEADER, "a new one for each decision, the same one for its retries")
@allow(BACKEND)
def resolve_discrepancy(decision: dict[str, Any], discrepancy_id: str) -> dict[str, Any]:
    """Say what becomes of it: explained, disputed, written_off, resolved, or open again. 409 if it can't become that.

    Explained or written off, money that moved and that nothing else has booked is booked.
    """
    found = services().discrepancies.settle(
        caller().app_id, discrepancy_id, Status(decision["status"]), decision["note"], caller().key_id
    )
    return present_discrepancy(found, services().clock())

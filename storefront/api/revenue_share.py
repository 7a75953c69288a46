"""Revenue share: the terms agreed on, and what came of them."""

from typing import Any

from flask import Response, request

from foundation.money import CURRENCY
from payments.revenue_share.reports import GroupBy
from payments.revenue_share.terms import Terms, in_force
from storefront.api.access import BACKEND, allow, caller
from storefront.api.schemas.revenue_share import (
    NewTermsSchema,
    ReportQuery,
    ReportSchema,
    TermsHistorySchema,
    TermsSchema,
)
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services
from storefront.ledger_presenters import present_terms
from storefront.report_csv import report_as_csv

blueprint = Blueprint(
    "revenue_share", __name__, url_prefix="/v1/revenue_share", description="What the partner earns of each order"
)


@blueprint.route("/terms")
@blueprint.response(200, TermsHistorySchema)
@allow(BACKEND)
def get_terms() -> dict[str, Any]:
    """All terms of the app, and those in force now."""
    history = services().share_terms.history(caller().app_id)
    current = in_force(history, services().clock())
    return {
        "current": None if current is None else present_terms(current),
        "data": [present_terms(each) for each in history],
    }


@blueprint.route("/terms", methods=["PUT"])
@blueprint.arguments(NewTermsSchema)
@blueprint.response(200, TermsSchema)
@allow(BACKEND)
def enter_terms(data: dict[str, Any]) -> dict[str, Any]:
    """Let terms hold from a moment on. 409 for a moment at which others held: what is past never changes."""
    holds_from, reason = data.pop("holds_from"), data.pop("reason")
    terms = services().share_terms.enter(caller().app_id, Terms.read(data), holds_from, caller().key_id, reason)
    return present_terms(terms)


@blueprint.route("/report")
@blueprint.arguments(ReportQuery, location="query")
@blueprint.response(200, ReportSchema)
@allow(BACKEND)
def get_report(query: dict[str, Any]) -> dict[str, Any] | Response:
    """Earned, received, refunded, outstanding and its age; as CSV for `Accept: text/csv`."""
    group_by = GroupBy(query["group_by"])
    report = services().share_reports.report(caller().app_id, query["first_day"], query["last_day"], group_by)
    if request.accept_mimetypes.best_match(["application/json", "text/csv"]) == "text/csv":
        return Response(report_as_csv(report), mimetype="text/csv")
    return {"currency": CURRENCY, **report.write()}

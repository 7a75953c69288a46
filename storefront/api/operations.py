"""Probes and the API's documentation: no key, and nothing fetched from anywhere else."""

import hmac
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, render_template, request

from foundation.errors import NotFoundError, UnauthenticatedError
from storefront.api.access import ANYONE, allow, refusals_counted
from storefront.api.wiring import metrics, services
from storefront.edge.keys import bearer_key
from storefront.metrics.exposition import CONTENT_TYPE, render

blueprint = Blueprint("operations", __name__)


@blueprint.route("/healthz")
@allow(ANYONE)
def healthz() -> Response:
    """The process runs."""
    return jsonify(status="ok")


@blueprint.route("/readyz")
@allow(ANYONE)
def readyz() -> Response:
    """The service can do its work: database reachable, migrations applied; and how old the catalogs are."""
    readiness = services().health.readiness()
    response = jsonify(status="ready" if readiness.is_ready else "not ready", checks=readiness.checks)
    response.status_code = HTTPStatus.OK if readiness.is_ready else HTTPStatus.SERVICE_UNAVAILABLE
    return response


@blueprint.route("/metrics")
@allow(ANYONE)
def show_metrics() -> Response:
    """The metrics, for whoever has their token; where none is set there is nothing here."""
    token = services().settings.metrics_token
    if not token:
        raise NotFoundError("There is nothing at this address.")
    given = bearer_key(request.headers.get("Authorization", "")) or ""
    with refusals_counted():
        if not hmac.compare_digest(given.encode("latin-1", "replace"), token.encode()):
            raise UnauthenticatedError("Send the token of the metrics: Authorization: Bearer ….")
    return Response(render(metrics()), content_type=CONTENT_TYPE)


@blueprint.route("/docs")
@allow(ANYONE)
def docs() -> str:
    """The API's documentation, from this server alone."""
    return render_template("docs.html")

"""Probes and the API's documentation: no key, and nothing fetched from anywhere else."""

from http import HTTPStatus

from flask import Blueprint, Response, jsonify, render_template

from storefront.api.access import ANYONE, allow
from storefront.api.wiring import services

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


@blueprint.route("/docs")
@allow(ANYONE)
def docs() -> str:
    """The API's documentation, from this server alone."""
    return render_template("docs.html")

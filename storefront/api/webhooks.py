"""Goody's webhooks in: verified on the raw bytes, stored once, answered. The worker applies them."""

from http import HTTPStatus

from flask import Blueprint, Response, request

from foundation.errors import InvalidInputError
from foundation.signatures import Signed
from storefront.api.access import ANYONE, allow, refusals_counted
from storefront.api.problems import problem
from storefront.api.wiring import services

blueprint = Blueprint("goody_webhooks", __name__)


@blueprint.route("/webhooks/goody/<string:slug>", methods=["POST"])
@allow(ANYONE)
def receive(slug: str) -> Response:
    """204 once stored, also for a repeat; 401 for a wrong signature; 400 for what is no message of Goody's."""
    body = request.get_data()
    try:
        signed = Signed.from_headers({name.lower(): value for name, value in request.headers.items()})
        with refusals_counted():
            app_id = services().endpoints.verify(slug, body, signed)
        services().intake.store(app_id, signed.message_id, body)
    except InvalidInputError as error:
        return problem(HTTPStatus.BAD_REQUEST, "malformed_webhook", error.detail)
    return Response(status=HTTPStatus.NO_CONTENT)

"""The control API: play everybody else, break things, and look behind the scenes."""

from http import HTTPStatus

from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException

from goody_emulator.control import (
    catalog,
    chaos,
    deliveries,
    faults,
    money,
    orders,
    quirks,
    requests,
    revenue_share,
    scenarios,
    seed,
    snapshots,
    state,
    statements,
    webhooks,
)
from goody_emulator.errors import (
    AcceptanceError,
    NotFoundError,
    RefusedError,
    StepRefusedError,
    UnauthorizedError,
)
from goody_emulator.problems import problem

_ROOMS = (
    state,
    snapshots,
    seed,
    scenarios,
    catalog,
    orders,
    money,
    revenue_share,
    statements,
    webhooks,
    chaos,
    deliveries,
    faults,
    quirks,
    requests,
)


def control_api() -> Blueprint:
    """Return the blueprint of the control API. A bearer key limits a request to its app."""
    blueprint = Blueprint("control", __name__, url_prefix="/_emulator")
    for room in _ROOMS:
        room.add_routes(blueprint)
    _answer_errors(blueprint)
    return blueprint


def _answer_errors(blueprint: Blueprint) -> None:
    @blueprint.errorhandler(StepRefusedError)
    def conflict(error: StepRefusedError) -> Response:
        return problem(HTTPStatus.CONFLICT, str(error), order_status=error.status, allowed=error.allowed)

    @blueprint.errorhandler(AcceptanceError)
    def unprocessable(error: AcceptanceError) -> Response:
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))

    @blueprint.errorhandler(RefusedError)
    def bad_request(error: RefusedError) -> Response:
        return problem(HTTPStatus.BAD_REQUEST, str(error))

    @blueprint.errorhandler(NotFoundError)
    def not_found(error: NotFoundError) -> Response:
        return problem(HTTPStatus.NOT_FOUND, str(error))

    @blueprint.errorhandler(UnauthorizedError)
    def unauthorized(_: UnauthorizedError) -> Response:
        return problem(HTTPStatus.UNAUTHORIZED, "A key that is let in is needed here.")

    @blueprint.errorhandler(HTTPException)
    def other(error: HTTPException) -> Response:
        return problem(HTTPStatus(error.code or 500), error.description or error.name)

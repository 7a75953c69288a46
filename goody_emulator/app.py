"""The Flask application: Goody's operations, the control API and the pages, around one emulator."""

from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from goody_emulator.api import goody_api
from goody_emulator.caller import answer
from goody_emulator.control import control_api
from goody_emulator.emulator import Emulator
from goody_emulator.errors import NotFoundError, RefusedError, UnauthorizedError
from goody_emulator.faults.spoiling import spoil
from goody_emulator.pages import pages
from goody_emulator.pages.images import images
from goody_emulator.problems import problem
from goody_emulator.requests.recording import record


def create_app(emulator: Emulator) -> Flask:
    """Return the application of an emulator, whose threads the caller has started."""
    app = Flask(__name__)
    app.extensions["goody_emulator"] = emulator
    app.url_map.merge_slashes = False  # A doubled slash is another path, not a redirect.
    for blueprint in (goody_api(), control_api(), images(), pages()):
        app.register_blueprint(blueprint)
    app.register_error_handler(RefusedError, lambda error: answer({"error": str(error)}, 400))
    app.register_error_handler(NotFoundError, lambda error: answer({"error": str(error)}, 404))
    app.register_error_handler(UnauthorizedError, lambda _: answer({"error": "Unauthorized"}, 401))
    app.register_error_handler(HTTPException, _answer_unmet)
    record(app, emulator)
    spoil(app, emulator)
    return app


def _answer_unmet(error: HTTPException) -> Response:
    """Answer what met no operation, or broke one."""
    status = HTTPStatus(error.code or 500)
    if request.path.startswith("/_emulator/"):
        unmet = problem(status, f"The control API has no {request.method} {request.path}: {error.name}.")
    else:
        unmet = answer({"error": error.name}, status)
    if isinstance(error, MethodNotAllowed):
        unmet.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return unmet

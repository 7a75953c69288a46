"""The Flask application: Goody's operations, the control API and the pages, around one emulator."""

import time
from contextlib import suppress
from typing import Final

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from goody_emulator.api import goody_api
from goody_emulator.caller import answer, bearer_key, caller
from goody_emulator.control import control_api
from goody_emulator.emulator import Emulator
from goody_emulator.errors import NotFoundError, RefusedError, UnauthorizedError
from goody_emulator.faults.rules import LOST_ANSWER
from goody_emulator.pages import pages
from goody_emulator.pages.images import images

_PROXY_PAGE: Final = "<html><head><title>504 Gateway Time-out</title></head><body>504 Gateway Time-out</body></html>"


def create_app(emulator: Emulator) -> Flask:
    """Return the application of an emulator, whose threads the caller has started."""
    app = Flask(__name__)
    app.extensions["goody_emulator"] = emulator
    app.register_blueprint(goody_api())
    app.register_blueprint(control_api())
    app.register_blueprint(images())
    app.register_blueprint(pages())
    _answer_errors(app)
    _spoil(app, emulator)
    _log_requests(app, emulator)
    return app


def _answer_errors(app: Flask) -> None:
    app.register_error_handler(RefusedError, lambda error: answer({"error": str(error)}, 400))
    app.register_error_handler(NotFoundError, lambda error: answer({"error": str(error)}, 404))
    app.register_error_handler(UnauthorizedError, lambda _: answer({"error": "Unauthorized"}, 401))
    app.register_error_handler(HTTPException, lambda error: answer({"error": error.name}, error.code or 500))


def _spoil(app: Flask, emulator: Emulator) -> None:
    @app.before_request
    def spoil_before() -> Response | None:
        g.started = time.perf_counter_ns()
        g.fault = None
        if not request.path.startswith("/v1/"):
            return None
        with suppress(UnauthorizedError):
            caller()  # so that the log knows the app even of a request that is spoilt
        rule = g.fault = emulator.faults.draw(request.method, request.path, bearer_key())
        if rule is None or rule.kind == LOST_ANSWER:
            return None
        if rule.kind == "delay":
            time.sleep(rule.seconds)
            return None
        refusal = answer({"error": "Fault on order"}, rule.status)
        if rule.retry_after is not None:
            refusal.headers["Retry-After"] = str(rule.retry_after)
        return refusal

    @app.after_request
    def spoil_after(response: Response) -> Response:
        if g.fault is not None and g.fault.kind == LOST_ANSWER:
            return Response(_PROXY_PAGE, 504, mimetype="text/html")
        return response


def _log_requests(app: Flask, emulator: Emulator) -> None:
    @app.after_request
    def log(response: Response) -> Response:
        if request.path.startswith("/v1/"):
            emulator.requests.append(
                {
                    "method": request.method,
                    "path": request.path,
                    "query": request.query_string.decode(errors="replace"),
                    "app": g.app.id if "app" in g else None,
                    "status": response.status_code,
                    "ms": (time.perf_counter_ns() - g.started) // 1_000_000,
                }
            )
        return response

"""Puts every request to Goody's operations into the log, and an id on every answer."""

import re
import time
import uuid
from contextlib import suppress
from typing import Final

from flask import Flask, Response, g, request

from goody_emulator.caller import caller
from goody_emulator.emulator import Emulator
from goody_emulator.errors import UnauthorizedError
from goody_emulator.faults.connections import CutConnection
from goody_emulator.requests.entry import LONGEST_BODY, Entry, kept, reference_of

OPERATIONS: Final = "/v1/"
"""What the paths of Goody's operations begin with."""

_HEADER: Final = "X-Request-Id"
_SANE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}")


def record(app: Flask, emulator: Emulator) -> None:
    """Let an application record its requests; call before anything that changes answers."""

    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter_ns()
        g.moment = emulator.store.clock.now()
        g.request_id = _request_id(request.headers.get(_HEADER, ""))
        g.fault = None
        if request.path.startswith(OPERATIONS):
            with suppress(UnauthorizedError):
                caller()  # so that the log knows the app even of a request that is spoilt

    @app.after_request
    def end(response: Response) -> Response:
        if request.path.startswith(OPERATIONS):
            emulator.requests.append(_entry(response))
        response.headers[_HEADER] = g.request_id
        return response


def _request_id(proposed: str) -> str:
    return proposed if _SANE_ID.fullmatch(proposed) else f"req_{uuid.uuid4().hex}"


def _entry(response: Response) -> Entry:
    body = request.get_data()
    return Entry(
        id=g.request_id,
        moment=g.moment,
        method=request.method,
        path=request.path,
        query=kept(request.query_string).decode(errors="replace"),
        app_id=g.app.id if "app" in g else None,
        status=None if isinstance(response, CutConnection) else response.status_code,
        ms=(time.perf_counter_ns() - g.started) // 1_000_000,
        fault=g.fault,
        customer_reference_id=reference_of(body) if body else None,
        body=kept(body),
        is_cut=len(body) > LONGEST_BODY,
    )

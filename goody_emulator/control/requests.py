"""Look at what clients asked for, and hold it against what was expected."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, request

from goody_emulator.caller import answer, emulator
from goody_emulator.control.scope import limited_to_id
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import read_body
from goody_emulator.problems import problem
from goody_emulator.requests.expectations import Expectation
from goody_emulator.requests.log import KEPT, Filter

_FILTERS: Final = frozenset({"method", "path", "status", "contains", "since", "limit"})
_SHOWN_OF_UNEXPECTED: Final = 20


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.get("/requests")(requests)
    blueprint.delete("/requests")(clear_requests)
    blueprint.post("/requests/assert")(assert_requests)


def requests() -> Response:
    """List the requests to Goody's operations that the filters let through, oldest first; a limit takes the latest."""
    found = emulator().requests.found(_asked())
    limit = _whole("limit", KEPT)
    data = [each.shown() for each in found[max(0, len(found) - limit) :]]
    return answer({"data": data, "count": len(found)})


def clear_requests() -> Response:
    """Forget the requests of the key's app; without a key, all."""
    emulator().requests.clear(limited_to_id())
    return Response(status=204)


def assert_requests() -> Response:
    """Answer 204 when the log is as expected, or becomes so in time; otherwise tell what was seen instead."""
    expected = read_body(request.get_data(), Expectation)
    expected.check()
    log, app_id = emulator().requests, limited_to_id()
    found = log.wait_for(expected.filter_of(app_id), expected.holds, expected.within_seconds)
    if expected.holds(found):
        return Response(status=204)
    seen = log.found(Filter(app_id, since=expected.since))
    return problem(
        HTTPStatus.CONFLICT,
        f"Expected {expected.text}, found {len(found)}; `seen` shows the latest of all {len(seen)} requests.",
        count=len(found),
        seen=[{"id": each.id, "request": each.line, "status": each.status} for each in seen[-_SHOWN_OF_UNEXPECTED:]],
    )


def _asked() -> Filter:
    if unknown := set(request.args) - _FILTERS:
        raise RefusedError(f"There is no filter {min(unknown)}; the filters are {', '.join(sorted(_FILTERS))}.")
    named = {name: request.args.get(name, "") for name in ("method", "path", "contains", "since")}
    status = _whole("status", 0) if "status" in request.args else None
    return Filter(limited_to_id(), status=status, **named)


def _whole(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(KEPT))):
        raise RefusedError(f"`{name}` must be a whole number from 0 to {KEPT}.")
    return int(text)

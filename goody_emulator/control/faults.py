"""Order faults, and lift them."""

from http import HTTPStatus

from flask import Blueprint, Response, request

from goody_emulator.apps import App
from goody_emulator.caller import answer, emulator
from goody_emulator.control.scope import limited_to, limited_to_id
from goody_emulator.errors import UnauthorizedError
from goody_emulator.faults.connections import can_cut
from goody_emulator.faults.faults import Fault
from goody_emulator.faults.reading import RuleError, read_rules
from goody_emulator.faults.rules import Kind, Rule
from goody_emulator.problems import problem

_CUTTING = frozenset({Kind.RESET_BEFORE, Kind.RESET_AFTER, Kind.EMPTY})


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.get("/faults")(faults)
    blueprint.post("/faults")(add_faults)
    blueprint.delete("/faults")(clear_faults)
    blueprint.register_error_handler(RuleError, _complain)


def faults() -> Response:
    """List the faults in force and the spent ones, with the requests each has struck."""
    return answer(emulator().faults.shown(limited_to_id()))


def add_faults() -> Response:
    """Put faults in force, for the key's app or for the app each names with `api_key`; otherwise for every app."""
    app = limited_to()
    ordered = [_fault(index, rule, app) for index, rule in enumerate(read_rules(request.get_data()))]
    emulator().faults.add(ordered)
    return answer(emulator().faults.shown(limited_to_id()), HTTPStatus.CREATED)


def clear_faults() -> Response:
    """Lift the faults of the key's app; without a key, all."""
    emulator().faults.clear(limited_to_id())
    return Response(status=204)


def _fault(index: int, rule: Rule, app: App | None) -> Fault:
    if rule.kind in _CUTTING and not can_cut(request.environ):
        raise RuleError(index, "kind", "cannot end connections under this server: run `goody-emulator serve`.")
    meant = app if rule.api_key is None else _app_of(index, rule.api_key)
    if app is not None and meant != app:
        raise RuleError(index, "api_key", "is of another app than the key of this request: leave one of them out.")
    return Fault(rule, None if meant is None else meant.id)


def _app_of(index: int, key: str) -> App:
    try:
        return emulator().apps.of_key(key)
    except UnauthorizedError as error:
        raise RuleError(index, "api_key", "is not a key that is let in.") from error


def _complain(error: RuleError) -> Response:
    more = {} if error.allowed is None else {"allowed": error.allowed}
    return problem(HTTPStatus.BAD_REQUEST, str(error), index=error.index, field=error.field, **more)

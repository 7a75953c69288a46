"""Look at scenarios, put new ones in, and let orders play them."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
from flask import Blueprint, Response, request

from goody_emulator.caller import answer, caller, emulator
from goody_emulator.control.scope import limited_to
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import read_body
from goody_emulator.problems import problem
from goody_emulator.scenarios.reading import ScenarioError, read
from goody_emulator.state.store import Row
from goody_emulator.state.timestamps import shown, shown_or_none

_SHOWN_AT_MOST: Final = 1000
_MOST_ORDERS: Final = 100_000


class Played(msgspec.Struct, forbid_unknown_fields=True):
    """Which order is to play a scenario."""

    order_id: str


class Armed(msgspec.Struct, forbid_unknown_fields=True):
    """How many of the orders to come are to play a scenario."""

    orders: int = 1


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.get("/scenarios")(scenarios)
    blueprint.get("/scenarios/runs")(runs)
    blueprint.delete("/scenarios/armed")(disarm)
    blueprint.get("/scenarios/<name>")(scenario)
    blueprint.put("/scenarios/<name>")(put_scenario)
    blueprint.delete("/scenarios/<name>")(remove_scenario)
    blueprint.post("/scenarios/<name>/play")(play)
    blueprint.post("/scenarios/<name>/arm")(arm)
    blueprint.register_error_handler(ScenarioError, _complain)


def scenarios() -> Response:
    """List the scenarios the key's app can play, and what is armed."""
    known = emulator().stage.library.listed(_app_id()).values()
    armed = [
        {"name": row["name"], "app": row["app_id"], "orders_left": row["orders_left"]}
        for row in emulator().stage.runs.armed(_app_id())
    ]
    data = [{"name": each.name, "about": each.about, "steps": len(each.steps)} for each in known]
    return answer({"data": data, "armed": armed})


def scenario(name: str) -> Response:
    """Show a scenario with its steps."""
    return answer(emulator().stage.library.find(name, _app_id()))


def put_scenario(name: str) -> Response:
    """Keep a scenario for the key's app; without a key, for every app."""
    try:
        written = msgspec.json.decode(request.get_data())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusedError("A scenario is put in as JSON; this is none.") from error
    kept = read(written, name)
    emulator().stage.library.put(_app_id(), kept)
    return answer(kept, HTTPStatus.CREATED)


def remove_scenario(name: str) -> Response:
    """Forget a scenario that was put in."""
    emulator().stage.library.remove(_app_id(), name)
    return Response(status=HTTPStatus.NO_CONTENT)


def play(name: str) -> Response:
    """Let an order play a scenario, from now on."""
    order = emulator().orders.find(read_body(request.get_data(), Played).order_id, limited_to())
    found = emulator().stage.library.find(name, order["app_id"])
    return answer(_shown(emulator().stage.runs.play(order, found)), HTTPStatus.CREATED)


def arm(name: str) -> Response:
    """Let the next orders of the key's app play a scenario."""
    app, orders = caller(), read_body(request.get_data() or b"{}", Armed).orders
    if not 1 <= orders <= _MOST_ORDERS:
        raise RefusedError(f"`orders` must be from 1 to {_MOST_ORDERS}.")
    found = emulator().stage.library.find(name, app.id)
    emulator().stage.runs.arm(app, found, orders)
    return answer({"name": found.name, "app": app.id, "orders_left": orders}, HTTPStatus.CREATED)


def disarm() -> Response:
    """Let no order to come play anything."""
    emulator().stage.runs.disarm(_app_id())
    return Response(status=HTTPStatus.NO_CONTENT)


def runs() -> Response:
    """Show the latest runs, newest first, with what came of each step; `order_id` asks for those of one order."""
    found = emulator().stage.runs.listed(_app_id(), request.args.get("order_id"), _SHOWN_AT_MOST)
    return answer({"data": [_shown(each) for each in found]})


def _shown(run: Row) -> dict[str, Any]:
    return {
        "id": run["id"],
        "scenario": run["name"],
        "order_id": run["order_id"],
        "app": run["app_id"],
        "started_at": shown(run["started_at"]),
        "steps": [_shown_step(step) for step in emulator().stage.runs.steps_of(run["id"])],
    }


def _shown_step(step: Row) -> dict[str, Any]:
    return {
        **msgspec.json.decode(step["body"]),
        "outcome": step["outcome"],
        "reason": step["reason"],
        "due_at": shown_or_none(step["due_at"]),
        "done_at": shown_or_none(step["done_at"]),
    }


def _app_id() -> str | None:
    app = limited_to()
    return None if app is None else app.id


def _complain(error: ScenarioError) -> Response:
    return problem(HTTPStatus.BAD_REQUEST, str(error), pointer=error.pointer)

"""Turn assumptions about Goody round."""

import msgspec
from flask import Blueprint, Response, request

from goody_emulator.caller import answer, emulator
from goody_emulator.control.scope import limited_to_id
from goody_emulator.inputs import read_body
from goody_emulator.quirks import Quirk, named


class Wanted(msgspec.Struct):
    """The quirks that are to hold, by name."""

    quirks: list[str]


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.get("/quirks")(quirks)
    blueprint.put("/quirks")(put_quirks)
    blueprint.delete("/quirks")(clear_quirks)


def quirks() -> Response:
    """List all quirks, with what each does and whether it holds for the key's app."""
    holding = emulator().quirks.of_app(limited_to_id())
    return answer(
        {"quirks": [{"name": quirk.value, "about": quirk.about, "active": quirk in holding} for quirk in Quirk]}
    )


def put_quirks() -> Response:
    """Let these quirks, and no others, hold for the key's app; without a key, for every app."""
    app_id = limited_to_id()
    emulator().quirks.put(app_id, named(read_body(request.get_data(), Wanted).quirks))
    emulator().store.announce()  # for what has just become due
    return quirks()


def clear_quirks() -> Response:
    """Lift the quirks of the key's app, not those of every app; without a key, all there are."""
    emulator().quirks.clear(limited_to_id())
    return Response(status=204)

"""Change the catalog, at once or while it is being paged through."""

from typing import Annotated, Any

import msgspec
from flask import Blueprint, Response, request

from goody_emulator.caller import answer, emulator
from goody_emulator.catalog.changes import Change, Entry
from goody_emulator.catalog.drift import Drifting
from goody_emulator.control.scope import limited_to_id
from goody_emulator.errors import NotFoundError
from goody_emulator.inputs import read_body
from goody_emulator.state.timestamps import shown


class Changes(msgspec.Struct, forbid_unknown_fields=True):
    """Changes that are made together or not at all."""

    changes: Annotated[list[Change], msgspec.Meta(min_length=1, max_length=1000)]


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.post("/catalog/changes")(make_changes)
    blueprint.get("/catalog/changes")(changes)
    blueprint.delete("/catalog/changes")(undo_changes)
    blueprint.put("/catalog/drift")(begin_drift)
    blueprint.get("/catalog/drift")(drift)
    blueprint.delete("/catalog/drift")(end_drift)


def make_changes() -> Response:
    """Change the catalog for the key's app; without a key, for every app."""
    wanted = read_body(request.get_data(), Changes).changes
    scope = limited_to_id()
    with emulator().store.transaction():
        made = emulator().catalog.change(scope, wanted)
    return answer({"changes": [_shown(entry) for entry in made]}, 201)


def changes() -> Response:
    """List the changes that concern the key's app; without a key, all changes of all apps. Oldest first."""
    return answer({"changes": [_shown(entry) for entry in emulator().catalog.changes(limited_to_id())]})


def undo_changes() -> Response:
    """Take back the changes of the key's app; without a key, everybody's and every app's."""
    scope = limited_to_id()
    with emulator().store.transaction():
        emulator().catalog.undo(scope)
    return Response(status=204)


def begin_drift() -> Response:
    """Let the catalog change after pages of products served to the key's app; without a key, to any app."""
    scope = limited_to_id()
    emulator().drift.begin(scope, read_body(request.get_data(), Drifting))
    return answer(emulator().drift.shown(scope))


def drift() -> Response:
    """Show how the catalog drifts, and what that did so far."""
    found = emulator().drift.shown(limited_to_id())
    if found is None:
        raise NotFoundError("The catalog does not drift; PUT /_emulator/catalog/drift lets it.")
    return answer(found)


def end_drift() -> Response:
    """End the drift; the changes it made stay, until changes are undone."""
    emulator().drift.end(limited_to_id())
    return Response(status=204)


def _shown(entry: Entry) -> dict[str, Any]:
    asked: dict[str, Any] = msgspec.to_builtins(entry.change)
    if entry.added is not None:
        added = entry.added
        asked |= {"product_id": added.id, "brand_id": added.brand.id, "name": added.name, "price": added.price}
    told = {"id": entry.id, "app": entry.app_id or None, "by_drift": entry.by_drift, "made_at": shown(entry.made_at)}
    return {**asked, **told}

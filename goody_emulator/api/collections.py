"""Collections: what a recipient may choose from."""

from flask import Blueprint, Response

from goody_emulator.api.flags import asked_flag
from goody_emulator.api.paging import asked_page
from goody_emulator.caller import answer, base_url, caller, emulator
from goody_emulator.catalog import answers
from goody_emulator.errors import NotFoundError


def add_routes(blueprint: Blueprint) -> None:
    """Add the operations of this room."""
    blueprint.get("/collections")(collections)
    blueprint.get("/collections/<collection_id>")(collection)


def collections() -> Response:
    """List the collections of the app's workspace; with `published`, the published ones only."""
    app, page = caller(), asked_page()
    shelf, part = emulator().catalog.of(app.id), slice(page.start, page.stop)
    published_only = asked_flag("published")
    return answer(answers.collections(shelf, app.workspace_id, part, base_url(), published_only=published_only))


def collection(collection_id: str) -> Response:
    """Show one collection, with the products in it when it is published."""
    app = caller()
    shelf = emulator().catalog.of(app.id)
    found = shelf.collections.get(collection_id)
    if found is None:
        raise NotFoundError("Collection not found")
    return answer(answers.collection(shelf, found, app.workspace_id, base_url()))

"""The event log, for catching up."""

from typing import Any

from storefront.api.access import BACKEND, allow, caller
from storefront.api.lists import link_next
from storefront.api.schemas.events import EventPageSchema, EventsQuery
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services

blueprint = Blueprint("events", __name__, url_prefix="/v1/events", description="What happened, in order")


@blueprint.route("")
@blueprint.arguments(EventsQuery, location="query")
@blueprint.response(200, EventPageSchema)
@allow(BACKEND)
def list_events(query: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """The next events after a sequence number, oldest first. `next_cursor` is the `after` to go on with."""
    data = services().events.after(caller().app_id, query["after"], query["limit"])
    cursor = str(data[-1]["sequence"]) if len(data) == query["limit"] else None
    return {"data": data, "next_cursor": cursor}, 200, link_next(cursor, "after")

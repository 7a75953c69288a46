"""Syncing the catalog: begin a run, follow it, see what it found, approve one that the brake stopped."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from flask import url_for

from foundation.errors import Fault, InvalidInputError, NotFoundError
from storefront.api.access import BACKEND, allow, caller
from storefront.api.idempotent import HEADER, idempotent
from storefront.api.lists import page
from storefront.api.schemas.sync_runs import (
    ChangesQuery,
    NewSyncRunSchema,
    SyncRunDetailSchema,
    SyncRunPageSchema,
    SyncRunSchema,
    SyncRunsQuery,
)
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services
from storefront.presenters import present_sync_run

blueprint = Blueprint("sync_runs", __name__, url_prefix="/v1/sync_runs", description="Syncing the catalog with Goody's")

Accepted = tuple[dict[str, Any], int, dict[str, str]]


@blueprint.route("", methods=["POST"])
@idempotent(is_accepted_final=True)
@blueprint.arguments(NewSyncRunSchema)
@blueprint.response(202, SyncRunSchema)
@blueprint.header(HEADER, "a new one for each run, the same one for its retries")
@allow(BACKEND)
def begin_sync_run(wanted: dict[str, Any]) -> Accepted:
    """Begin a run; it goes on in the background. 409 if one is under way."""
    run = services().catalog_sync.begin(caller().app_id, is_dry_run=wanted["dry_run"])
    return present_sync_run(run), HTTPStatus.ACCEPTED, _location(run.id)


@blueprint.route("")
@blueprint.arguments(SyncRunsQuery, location="query")
@blueprint.response(200, SyncRunPageSchema)
@allow(BACKEND)
def list_sync_runs(query: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """The runs of the app's catalog, newest first. A cursor is the id of a run: those before it follow."""
    try:
        found = services().catalog_sync.newest(caller().app_id, query["limit"] + 1, query["cursor"])
    except NotFoundError as error:
        fault = Fault("/cursor", "bad_cursor", "Use next_cursor of the previous page, unchanged.")
        raise InvalidInputError("The cursor can't be used.", [fault]) from error
    shown = found[: query["limit"]]
    return page([present_sync_run(run) for run in shown], shown[-1].id if len(found) > query["limit"] else None)


@blueprint.route("/<string:run_id>")
@blueprint.arguments(ChangesQuery, location="query")
@blueprint.response(200, SyncRunDetailSchema)
@allow(BACKEND)
def get_sync_run(query: dict[str, Any], run_id: str) -> dict[str, Any]:
    """One run: how far it is while it reads, what it did, and what it found different, field by field."""
    sync, app_id = services().catalog_sync, caller().app_id
    run = sync.get(app_id, run_id)
    found = sync.changes(app_id, run_id, query["changes_cursor"], query["changes_limit"])
    if run.finished_at is not None:
        # Who has been told that a run is over gets what it published from now on.
        services().generations.renew(app_id)
    changes = {"data": [asdict(change) for change in found.changes], "next_cursor": found.next_after}
    return {**present_sync_run(run), "changes": changes}


@blueprint.route("/<string:run_id>/approve", methods=["POST"])
@idempotent(is_accepted_final=True)
@blueprint.response(202, SyncRunSchema)
@blueprint.header(HEADER, "a new one for each approval, the same one for its retries")
@allow(BACKEND)
def approve_sync_run(run_id: str) -> Accepted:
    """Publish what a quarantined run found; it goes on in the background. 409 if a newer run has read the catalog."""
    run = services().catalog_sync.begin_approved(caller().app_id, run_id, by=caller().key_id)
    return present_sync_run(run), HTTPStatus.ACCEPTED, _location(run_id)


def _location(run_id: str) -> dict[str, str]:
    return {"Location": url_for("sync_runs.get_sync_run", run_id=run_id)}

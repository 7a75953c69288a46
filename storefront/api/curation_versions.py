"""Published curations: which there are, what differs, and going back to one."""

from http import HTTPStatus
from typing import Any

from storefront.api.access import BACKEND, allow, caller
from storefront.api.curation import Answer, expected_draft
from storefront.api.idempotent import HEADER as IDEMPOTENCY_KEY
from storefront.api.idempotent import idempotent
from storefront.api.lists import page, read_number, write_key
from storefront.api.preconditions import HEADER, tag
from storefront.api.schemas.common import PageQuery
from storefront.api.schemas.curation import (
    CompareQuery,
    ComparisonSchema,
    RestoredSchema,
    VersionPageSchema,
    WholeVersionSchema,
)
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services
from storefront.curation_presenters import present_comparison, present_draft, present_version, present_whole_version

blueprint = Blueprint(
    "curation_versions", __name__, url_prefix="/v1/curation/versions", description="Curations as they were published"
)


@blueprint.route("")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, VersionPageSchema)
@allow(BACKEND)
def list_versions(query: dict[str, Any]) -> Answer:
    """Versions, newest first: the first one is in force."""
    limit = query["limit"]
    found = services().curation.versions.find(caller().app_id, limit + 1, read_number(query["cursor"]))
    cursor = write_key(str(found[limit - 1].number)) if len(found) > limit else None
    return page([present_version(version) for version in found[:limit]], cursor)


@blueprint.route("/<int:version>")
@blueprint.response(200, WholeVersionSchema)
@allow(BACKEND)
def get_version(version: int) -> dict[str, Any]:
    """One version, with its rules, collections and overrides."""
    return present_whole_version(*services().curation.versions.get(caller().app_id, version))


@blueprint.route("/<int:version>/compare")
@blueprint.arguments(CompareQuery, location="query")
@blueprint.response(200, ComparisonSchema)
@allow(BACKEND)
def compare_version(query: dict[str, Any], version: int) -> dict[str, Any]:
    """What differs from the version to another one, or to the draft."""
    return present_comparison(services().curation.versions.compare(caller().app_id, version, query["other"]))


@blueprint.route("/<int:version>/restore", methods=["POST"])
@idempotent()
@blueprint.response(200, RestoredSchema)
@blueprint.header(IDEMPOTENCY_KEY, "a new one for each restoration, the same one for its retries")
@blueprint.header(HEADER, "the ETag of the draft that may be overwritten: 412 if it has changed since")
@allow(BACKEND)
def restore_version(version: int) -> Answer:
    """Put the version, overrides included, in the draft's place. It is in force once the draft is published."""
    draft = services().curation.versions.restore(caller().app_id, version, expected_draft())
    detail = f"Version {version} is the draft now. POST /v1/curation/publish puts it in force."
    answer = {"restored_version": version, "detail": detail, "draft": present_draft(draft)}
    return answer, HTTPStatus.OK, tag(draft.revision)

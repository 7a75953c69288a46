"""The draft of the curation: read it, replace it, see what it would change, publish it."""

from http import HTTPStatus
from typing import Any

from flask import url_for

from catalog_sync.curation.reading import CURATION, read_curation
from storefront.api.access import BACKEND, allow, caller
from storefront.api.idempotent import HEADER as IDEMPOTENCY_KEY
from storefront.api.idempotent import idempotent
from storefront.api.preconditions import HEADER, expected_revision, tag
from storefront.api.schemas.curation import (
    CurationSchema,
    PreviewRequestSchema,
    PreviewSchema,
    PublishedVersionSchema,
    PublishSchema,
)
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services
from storefront.curation_presenters import present_draft, present_preview, present_published

blueprint = Blueprint("curation", __name__, url_prefix="/v1/curation", description="What is on sale, and where")

Answer = tuple[dict[str, Any], int, dict[str, str]]


@blueprint.route("")
@blueprint.response(200, CurationSchema)
@allow(BACKEND)
def get_curation() -> Answer:
    """The draft: rules, collections, and what becomes of products that no rule speaks of."""
    draft = services().curation.drafts.get(caller().app_id)
    services().curation.publishing.expect()
    return present_draft(draft), HTTPStatus.OK, tag(draft.revision)


@blueprint.route("", methods=["PUT"])
@blueprint.arguments(CurationSchema)
@blueprint.response(200, CurationSchema)
@blueprint.header(HEADER, "the ETag of the draft as it was read: 412 if it has changed since")
@allow(BACKEND)
def replace_curation(data: object) -> Answer:
    """Replace the draft's rules and collections; overrides stay. Shoppers see nothing of it before it is published."""
    curation = read_curation(data, required=CURATION)
    draft = services().curation.drafts.replace(caller().app_id, curation, expected_draft())
    return present_draft(draft), HTTPStatus.OK, tag(draft.revision)


@blueprint.route("/preview", methods=["POST"])
@idempotent()
@blueprint.arguments(PreviewRequestSchema)
@blueprint.response(200, PreviewSchema)
@blueprint.header(IDEMPOTENCY_KEY, "a new one for each preview, the same one for its retries")
@allow(BACKEND)
def preview_curation(data: dict[str, Any]) -> dict[str, Any]:
    """What publishing the draft now would change. Nothing is written."""
    return present_preview(
        services().curation.previews.preview(caller().app_id, data["limit"], data["unmatched_after"])
    )


@blueprint.route("/publish", methods=["POST"])
@idempotent()
@blueprint.arguments(PublishSchema)
@blueprint.response(201, PublishedVersionSchema)
@blueprint.header(IDEMPOTENCY_KEY, "a new one for each publication, the same one for its retries")
@blueprint.header(HEADER, "the ETag of the draft that was agreed to: 412 if it has changed since")
@allow(BACKEND)
def publish_curation(data: dict[str, Any]) -> Answer:
    """Make the draft a version and put it in force. 409 with Retry-After while a sync is under way."""
    published = services().curation.publishing.publish(caller().app_id, caller().key_id, data["note"], expected_draft())
    services().generations.renew(caller().app_id)
    location = url_for("curation_versions.get_version", version=published.version.number)
    return present_published(published), HTTPStatus.CREATED, {"Location": location}


def expected_draft() -> int | None:
    """The revision of the draft that the caller has seen, if it says so."""
    return expected_revision(lambda: services().curation.drafts.get(caller().app_id).revision)

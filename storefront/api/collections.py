"""Editing the draft's collections one by one. What shoppers see changes when the draft is published."""

from http import HTTPStatus

from catalog_sync.curation.reading import write_collection
from storefront.api.access import BACKEND, allow, caller
from storefront.api.curation import Answer, expected_draft
from storefront.api.idempotent import HEADER as IDEMPOTENCY_KEY
from storefront.api.idempotent import idempotent
from storefront.api.preconditions import HEADER, tag
from storefront.api.schemas.curation import DraftCollectionChangeSchema, DraftCollectionSchema
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services

blueprint = Blueprint("collections", __name__, url_prefix="/v1/collections", description="Collections of the draft")

Emptied = tuple[None, int, dict[str, str]]

_OF_DRAFT = "the ETag of the draft as it was read: 412 if it has changed since"


@blueprint.route("", methods=["POST"])
@idempotent()
@blueprint.arguments(DraftCollectionSchema)
@blueprint.response(201, DraftCollectionSchema)
@blueprint.header(IDEMPOTENCY_KEY, "a new one for each collection, the same one for its retries")
@blueprint.header(HEADER, _OF_DRAFT)
@allow(BACKEND)
def add_collection(data: object) -> Answer:
    """Add a collection to the draft, behind the others."""
    made, revision = services().curation.collections.add(caller().app_id, data, expected_draft())
    return write_collection(made), HTTPStatus.CREATED, tag(revision)


@blueprint.route("/<string:handle>", methods=["PATCH"])
@blueprint.arguments(DraftCollectionChangeSchema)
@blueprint.response(200, DraftCollectionSchema)
@blueprint.header(HEADER, _OF_DRAFT)
@allow(BACKEND)
def change_collection(data: object, handle: str) -> Answer:
    """Change members of a collection of the draft; its handle stays."""
    changed, revision = services().curation.collections.change(caller().app_id, handle, data, expected_draft())
    return write_collection(changed), HTTPStatus.OK, tag(revision)


@blueprint.route("/<string:handle>", methods=["DELETE"])
@blueprint.no_content()
@blueprint.header(HEADER, _OF_DRAFT)
@allow(BACKEND)
def remove_collection(handle: str) -> Emptied:
    """Take a collection out of the draft. 409 while a rule or another collection refers to it."""
    revision = services().curation.collections.remove(caller().app_id, handle, expected_draft())
    return None, HTTPStatus.NO_CONTENT, tag(revision)

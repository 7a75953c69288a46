"""Overrides: what is said of a product instead of what the supplier says. They are part of the draft."""

from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import Any

from catalog_sync.curation.reading import read_override
from foundation.errors import NotFoundError
from storefront.api.access import BACKEND, allow, caller
from storefront.api.curation import Answer
from storefront.api.lists import page, read_key, write_key
from storefront.api.preconditions import HEADER, expected_revision, tag
from storefront.api.schemas.curation import (
    OverriddenProductSchema,
    OverridePageSchema,
    OverrideSchema,
    OverridesQuery,
    ProductLayersSchema,
)
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services
from storefront.curation_presenters import present_override

blueprint = Blueprint("overrides", __name__, url_prefix="/v1", description="Products in the merchandiser's words")


@blueprint.route("/products/<uuid:product_id>/override")
@blueprint.response(200, ProductLayersSchema)
@allow(BACKEND)
def get_override(product_id: object) -> Answer:
    """A product's override, what the supplier has changed under it, and which layer each published field is from."""
    view = services().curation.overrides.get(caller().app_id, str(product_id))
    layers = services().curation.overrides.layers(caller().app_id, str(product_id))
    return {**present_override(view), "layers": layers}, HTTPStatus.OK, tag(_revision(view.updated_at))


@blueprint.route("/products/<uuid:product_id>/override", methods=["PUT"])
@blueprint.arguments(OverrideSchema)
@blueprint.response(200, OverriddenProductSchema)
@blueprint.header(HEADER, "the ETag of the override as it was read: 412 if it has changed since")
@allow(BACKEND)
def put_override(data: object, product_id: object) -> Answer:
    """Say this of the product in the draft, whether or not the supplier has it just now."""
    override, expected = read_override(data), _expected(str(product_id))
    view = services().curation.overrides.put(caller().app_id, str(product_id), override, expected)
    return present_override(view), HTTPStatus.OK, tag(_revision(view.updated_at))


@blueprint.route("/products/<uuid:product_id>/override", methods=["DELETE"])
@blueprint.no_content()
@blueprint.header(HEADER, "the ETag of the override as it was read: 412 if it has changed since")
@allow(BACKEND)
def delete_override(product_id: object) -> None:
    """Leave the product to the supplier again, once the draft is published."""
    services().curation.overrides.delete(caller().app_id, str(product_id), _expected(str(product_id)))


@blueprint.route("/overrides")
@blueprint.arguments(OverridesQuery, location="query")
@blueprint.response(200, OverridePageSchema)
@allow(BACKEND)
def list_overrides(query: dict[str, Any]) -> Answer:
    """The draft's overrides by product id; those over something that has changed, on request."""
    limit, after = query["limit"], read_key(query["cursor"]) or ""
    found = services().curation.overrides.find(caller().app_id, limit + 1, after, only_stale=query["stale"])
    cursor = write_key(found[limit - 1].product_id) if len(found) > limit else None
    return page([present_override(view) for view in found[:limit]], cursor)


def _expected(product_id: str) -> datetime | None:
    """When the override that the caller has seen was written, if it says which."""
    seen: list[datetime | None] = [None]

    def current() -> int | None:
        with suppress(NotFoundError):
            seen[0] = services().curation.overrides.get(caller().app_id, product_id).updated_at
        return _revision(seen[0])

    expected_revision(current)
    return seen[0]


def _revision(updated_at: datetime | None) -> int | None:
    """A number for the moment at which it was written, to the microsecond."""
    return None if updated_at is None else int(updated_at.timestamp() * 1_000_000)

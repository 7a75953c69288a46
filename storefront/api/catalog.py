"""Browsing the published catalog. Answers join ready-made documents: nothing is built per product."""

import hashlib
from typing import Any

from flask import Response, request

from catalog_sync.browsing.catalog import DocumentPage, ProductQuery
from storefront.api.access import EVERY_KEY, allow, caller
from storefront.api.lists import link_next
from storefront.api.schemas.catalog import (
    BrandPageSchema,
    BrandSchema,
    CardPageSchema,
    CardsQuery,
    ProductPageSchema,
    ProductSchema,
    ProductsQuery,
)
from storefront.api.schemas.common import IncludeTotalQuery
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services
from storefront.edge.edge import GENERATION

blueprint = Blueprint("catalog", __name__, url_prefix="/v1", description="The published catalog")


@blueprint.route("/products")
@blueprint.arguments(ProductsQuery, location="query")
@blueprint.alt_response(200, ProductPageSchema)
@allow(EVERY_KEY)
def list_products(query: dict[str, Any]) -> Response:
    """Products on sale."""
    wanted = ProductQuery(
        brand_ids=tuple(query["brand"]),
        price_min=query["price_min"],
        price_max=query["price_max"],
        sort=query["sort"],
        limit=query["limit"],
        cursor=query["cursor"],
        include_total=query["include"] == "total",
    )
    return _list(services().catalog.products(caller().app_id, wanted))


@blueprint.route("/products/<uuid:product_id>")
@blueprint.alt_response(200, ProductSchema)
@allow(EVERY_KEY)
def get_product(product_id: object) -> Response:
    """One product in full."""
    return _cacheable(services().catalog.product(caller().app_id, str(product_id)))


@blueprint.route("/brands")
@blueprint.arguments(IncludeTotalQuery, location="query")
@blueprint.alt_response(200, BrandPageSchema)
@allow(EVERY_KEY)
def list_brands(query: dict[str, Any]) -> Response:
    """Brands that have something on sale."""
    total = query["include"] == "total"
    return _list(services().catalog.brands(caller().app_id, query["limit"], query["cursor"], include_total=total))


@blueprint.route("/brands/<uuid:brand_id>")
@blueprint.alt_response(200, BrandSchema)
@allow(EVERY_KEY)
def get_brand(brand_id: object) -> Response:
    """One brand."""
    return _cacheable(services().catalog.brand(caller().app_id, str(brand_id)))


@blueprint.route("/cards")
@blueprint.arguments(CardsQuery, location="query")
@blueprint.alt_response(200, CardPageSchema)
@allow(EVERY_KEY)
def list_cards(query: dict[str, Any]) -> Response:
    """Greeting cards."""
    total = query["include"] == "total"
    return _list(
        services().catalog.cards(
            caller().app_id, query["occasion"], query["limit"], query["cursor"], include_total=total
        )
    )


def _list(page: DocumentPage) -> Response:
    """The list answer, its bytes joined."""
    cursor = b"null" if page.next_cursor is None else f'"{page.next_cursor}"'.encode()
    total = b"" if page.total_count is None else f',"total_count":{page.total_count}'.encode()
    body = b'{"data":[' + b",".join(page.documents) + b'],"next_cursor":' + cursor + total + b"}"
    # A page of an older generation, which its cursor still walks, is not kept: it ends within the hour.
    request.environ[GENERATION] = page.generation
    return _cacheable(body, link_next(page.next_cursor))


def _cacheable(body: bytes, headers: dict[str, str] | None = None) -> Response:
    """A browse answer: shared caches may keep it for a minute, and a known one is answered with 304 (RFC 9110)."""
    response = Response(body, mimetype="application/json", headers=headers)
    response.set_etag(hashlib.blake2b(body, digest_size=16).hexdigest())
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["Vary"] = "Authorization, Accept-Encoding"
    response.make_conditional(request)
    return response

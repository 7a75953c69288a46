"""Browsing the published catalog. Answers join ready-made documents: nothing is built per product."""

from typing import Any

from flask import Response, request

from catalog_sync.browsing.catalog import DocumentPage
from storefront.api.access import EVERY_KEY, allow, caller
from storefront.api.answers import Answer, answer, list_answer
from storefront.api.catalog_query import read_products_query
from storefront.api.lists import link_next
from storefront.api.schemas.catalog import (
    BrandPageSchema,
    BrandSchema,
    CardPageSchema,
    CardsQuery,
    ChangePageSchema,
    ChangesQuery,
    CollectionSchema,
    CollectionTreeSchema,
    FiltersSchema,
    NoQuery,
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
@blueprint.described(ProductsQuery)
@blueprint.alt_response(200, ProductPageSchema)
@allow(EVERY_KEY)
def list_products() -> Response:
    """Products on sale."""
    return _list(services().catalog.products(caller().app_id, read_products_query()))


@blueprint.route("/products/filters")
@blueprint.described(ProductsQuery)
@blueprint.alt_response(200, FiltersSchema)
@allow(EVERY_KEY)
def list_filters() -> Response:
    """What the same list of products can be narrowed to, with counts. Its page, size and order change nothing."""
    return _document(*services().catalog.facets(caller().app_id, read_products_query()))


@blueprint.route("/products/<uuid:product_id>")
@blueprint.alt_response(200, ProductSchema)
@allow(EVERY_KEY)
def get_product(product_id: object) -> Response:
    """One product in full."""
    return _document(*services().catalog.product(caller().app_id, str(product_id)))


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
    document = services().catalog.brand(caller().app_id, str(brand_id))
    return _send(answer(document, document, {}))


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


@blueprint.route("/collections")
@blueprint.arguments(NoQuery, location="query")
@blueprint.alt_response(200, CollectionTreeSchema)
@allow(EVERY_KEY)
def list_collections(_query: dict[str, Any]) -> Response:
    """All collections, in order: those at the top, each with its children in it."""
    tree = services().catalog.collections(caller().app_id)
    return _document(b'{"data":[' + b",".join(tree.roots) + b'],"next_cursor":null}', tree.generation)


@blueprint.route("/collections/<string:handle>")
@blueprint.alt_response(200, CollectionSchema)
@allow(EVERY_KEY)
def get_collection(handle: str) -> Response:
    """One collection. Its products: `GET /v1/products?collection={handle}`."""
    return _document(*services().catalog.collection(caller().app_id, handle))


@blueprint.route("/changes")
@blueprint.arguments(ChangesQuery, location="query")
@blueprint.alt_response(200, ChangePageSchema)
@allow(EVERY_KEY)
def list_changes(query: dict[str, Any]) -> Response:
    """What entered, changed or left the catalog: for a copy of it. Without a cursor the whole catalog is given.

    Keep `next_cursor` of the last page: it goes on from there, however much later.
    """
    page = services().catalog.changes(caller().app_id, query["limit"], query["cursor"])
    more = b"true" if page.has_more else b"false"
    cursor = f'],"next_cursor":"{page.next_cursor}","has_more":'.encode()
    body = b'{"data":[' + b",".join(page.documents) + cursor + more + b"}"
    return _document(body, page.generation, link_next(page.next_cursor if page.has_more else None))


def _list(page: DocumentPage) -> Response:
    """The list answer, its bytes joined."""
    request.environ[GENERATION] = page.generation
    return _send(list_answer(page, link_next(page.next_cursor)))


def _document(body: bytes, generation: int, headers: dict[str, str] | None = None) -> Response:
    """A document made of one generation."""
    request.environ[GENERATION] = generation
    return _send(answer(body, body, headers or {}))


def _send(made: Answer) -> Response:
    """The answer through Flask; a known one is answered with 304 (RFC 9110)."""
    response = Response(made.body, headers=[*made.headers, ("ETag", made.etag)])
    if "HTTP_IF_NONE_MATCH" in request.environ:
        response.make_conditional(request)
    return response

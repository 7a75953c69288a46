"""Lists of products for the edge: what the view answers, without Flask around it.

Only what is plain and good is answered here. All else is for the view, which has the words for what is wrong.
"""

from collections.abc import Sequence
from typing import Final

from catalog_sync.browsing.catalog import Catalog
from foundation.errors import StorefrontError
from foundation.logs import get_logger
from storefront.api.answers import list_answer
from storefront.api.catalog_query import NotPlainError, read_plain_query
from storefront.api.lists import next_link
from storefront.edge.entry import Entry
from storefront.edge.responses import Question

log = get_logger(__name__)

PATH: Final = "/v1/products"
"""Its route's template too. Every key may ask for it."""


class ProductLists:
    """Answers questions for lists of products."""

    def __init__(self, catalog: Catalog, headers: Sequence[tuple[str, str]]) -> None:
        self._catalog = catalog
        self._headers = headers

    def __call__(self, question: Question) -> tuple[Entry, int] | None:
        """The answer and the generation that it is from; None if the question is one for the view."""
        app_id, _kind, _generation, path, query_string = question
        if path != PATH:
            return None
        try:
            page = self._catalog.products(app_id, read_plain_query(query_string))
        except (NotPlainError, StorefrontError):
            return None
        except Exception:
            log.exception("a list of products could not be answered ahead of its view")
            return None
        body, etag, headers = list_answer(page, next_link(path, query_string, page.next_cursor))
        return Entry(PATH, [*headers, *self._headers], etag, body), page.generation

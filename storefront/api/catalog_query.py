"""Reading what is asked of the list of products.

Nearly every question is a plain one: those are read here in a tenth of the time that the schema takes. Whatever is not
goes through the schema, which says what is wrong with it, so that both can't come to different conclusions.
"""

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl

from flask import request

from catalog_sync.browsing.catalog import ProductQuery, Sort
from storefront.api.lists import is_plain
from storefront.api.schemas.catalog import ProductsQuery
from storefront.api.schemas.common import LARGEST_AMOUNT
from storefront.api.smorest import RequestParser

_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_LONGEST_TEXT: Final = 100
_SORTS: Final = {sort.value: sort for sort in Sort}
_LISTS: Final = frozenset({"brand", "brand_value"})
_parser: Final = RequestParser()


class NotPlainError(Exception):
    """The question is one for the schema."""


def read_products_query() -> ProductQuery:
    """What the present request asks. What is wrong with it is answered as everywhere, all at once."""
    try:
        return read_plain_query(request.query_string.decode("latin-1"))
    except NotPlainError:
        return _query(_parser.parse(ProductsQuery, request, location="query"))


def read_plain_query(query_string: str) -> ProductQuery:
    """What a plain question asks. NotPlainError for any other."""
    if not is_plain(query_string):
        raise NotPlainError
    try:
        arguments = parse_qsl(query_string, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise NotPlainError from error
    return _query(_plain(arguments))


def _query(values: dict[str, Any]) -> ProductQuery:
    get = values.get
    return ProductQuery(
        brand_ids=tuple(get("brand", ())),
        price_min=get("price_min"),
        price_max=get("price_max"),
        sort=get("sort"),
        limit=get("limit", 24),
        cursor=get("cursor"),
        include_total=get("include") == "total",
        q=get("q"),
        collection=get("collection"),
        price_with_shipping_max=get("price_with_shipping_max"),
        ships_to=get("ships_to"),
        brand_values=tuple(get("brand_value", ())),
    )


def _plain(arguments: list[tuple[str, str]]) -> dict[str, Any]:
    """The values by name."""
    values: dict[str, Any] = {}
    for name, text in arguments:
        read = _READERS.get(name)
        if read is None:
            raise NotPlainError
        if name in _LISTS:
            values.setdefault(name, []).append(read(text))
        elif name in values:
            raise NotPlainError
        else:
            values[name] = read(text)
    return values


def _text(text: str) -> str:
    if not 0 < len(text) <= _LONGEST_TEXT:
        raise NotPlainError
    return text


def _cursor(text: str) -> str:
    if not 0 < len(text) <= 1000:  # noqa: PLR2004  as in the schema
        raise NotPlainError
    return text


def _cents(text: str) -> int:
    return _number(text, 0, LARGEST_AMOUNT)


def _limit(text: str) -> int:
    return _number(text, 1, 100)


def _number(text: str, lowest: int, highest: int) -> int:
    if not _NUMBER.fullmatch(text) or not lowest <= int(text) <= highest:
        raise NotPlainError
    return int(text)


def _sort(text: str) -> Sort:
    if text not in _SORTS:
        raise NotPlainError
    return _SORTS[text]


def _include(text: str) -> str:
    if text != "total":
        raise NotPlainError
    return text


def _state(text: str) -> str:
    if len(text) != 2 or not text.isascii():  # noqa: PLR2004  letters of a state
        raise NotPlainError
    return text


_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "q": _text,
    "brand": _text,
    "collection": _text,
    "price_min": _cents,
    "price_max": _cents,
    "price_with_shipping_max": _cents,
    "ships_to": _state,
    "brand_value": _text,
    "sort": _sort,
    "limit": _limit,
    "cursor": _cursor,
    "include": _include,
}

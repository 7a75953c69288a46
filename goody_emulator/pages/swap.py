"""The page on which a recipient looks for something else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from goody_emulator.catalog.model import Product
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import SwapItem
from goody_emulator.orders.pricing import Line
from goody_emulator.orders.swaps import SwapTerms
from goody_emulator.pages.gifts import Gift, find_gift
from goody_emulator.pages.rendering import page, see
from goody_emulator.pages.wishes import item_values, one_less, one_more, read_items, wished_lines

PER_PAGE: Final = 24


@dataclass(frozen=True, slots=True)
class Offer:
    """A product that can be taken, and where choosing it leads."""

    product: Product
    price: int
    """Cents."""
    link: str


def add_routes(blueprint: Blueprint) -> None:
    """Add the views of this room."""
    blueprint.get("/gift/<token>/swap")(show_swaps)


def show_swaps(token: str) -> Response:
    """Show what the gift can be swapped for. All that is chosen so far stands in the address."""
    gift = find_gift(token)
    if not gift.can_swap:
        return see(gift.path)
    terms = gift.swap_terms
    several = terms.most != 1
    items = read_items(request.args.getlist("item")) if several else []
    lines, refusal = _lines(gift, items)
    if refusal:
        items = []
    left = terms.budget - sum(line.unit_price * line.quantity for line in lines)
    query = request.args.get("q", "").strip()
    is_full = terms.most is not None and sum(item.quantity for item in items) >= terms.most
    found = [] if several and is_full else _matching(query, terms, left)
    pages = max(1, -(-len(found) // PER_PAGE))
    number = min(pages, _page_number())
    first = (number - 1) * PER_PAGE
    return page(
        "swap.html",
        gift=gift,
        budget=terms.budget,
        query=query,
        several=several,
        most=terms.most,
        offers=[
            _offer(gift, items, product, terms.price(product, left), query, several=several)
            for product in found[first : first + PER_PAGE]
        ],
        total=len(found),
        chosen=[(line, _address(gift, one_less(items, line.product.id), query)) for line in lines],
        refusal=refusal,
        left=left,
        items=item_values(items),
        use=_link(gift.path, items),
        earlier=None if number == 1 else _address(gift, items, query, number - 1),
        later=None if number == pages else _address(gift, items, query, number + 1),
        number=number,
        pages=pages,
    )


def _lines(gift: Gift, items: Sequence[SwapItem]) -> tuple[list[Line], str]:
    try:
        return wished_lines(gift, items) if items else [], ""
    except RefusedError as error:
        return [], f"{error}."


def _matching(query: str, terms: SwapTerms, left: int) -> list[Product]:
    wanted = query.casefold()
    return [
        product
        for product in terms.shelf.products.values()
        if terms.offers(product, left)
        and (wanted in product.name.casefold() or wanted in product.brand.name.casefold())
    ]


def _offer(gift: Gift, items: Sequence[SwapItem], product: Product, price: int, query: str, *, several: bool) -> Offer:
    more = one_more(items, product.id)
    return Offer(product, price, _address(gift, more, query) if several else _link(gift.path, more))


def _address(gift: Gift, items: Sequence[SwapItem], query: str, number: int = 1) -> str:
    return _link(f"{gift.path}/swap", items, q=query, page="" if number == 1 else str(number))


def _link(path: str, items: Sequence[SwapItem], **more: str) -> str:
    fields = [("item", value) for value in item_values(items)] + [(name, text) for name, text in more.items() if text]
    return f"{path}?{urlencode(fields)}" if fields else path


def _page_number() -> int:
    text = request.args.get("page", "")[:6]
    return max(1, int(text)) if text.isascii() and text.isdigit() else 1

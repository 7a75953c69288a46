"""From the bytes of an answer to the values of `foundation.goody.resources`."""

from collections.abc import Callable
from typing import Final, TypeAlias, TypeVar

import msgspec

from foundation.errors import GoodyUnreadableError
from foundation.goody import spellings
from foundation.goody.pages import BrokenItem, Page, Sent
from foundation.goody.resources import (
    Brand,
    Card,
    GiftCollection,
    Me,
    Order,
    OrderActivity,
    OrderBatch,
    PaymentMethod,
    Price,
    Product,
    UserCard,
)
from foundation.goody.spellings import Tree

T = TypeVar("T")
Reader: TypeAlias = Callable[[bytes], T]
Recognise: TypeAlias = Callable[[bytes], T | None]
"""What these bytes say, for whom that is known without reading them."""

# msgspec's own errors and bad UTF-8 are ValueErrors; an absurd depth or an absurd date raise the other two.
DECODING_ERRORS: Final = (ValueError, RecursionError, OverflowError)


class _ListMeta(msgspec.Struct):
    total_count: int | None = None


class _Envelope(msgspec.Struct):
    data: list[msgspec.Raw]
    list_meta: _ListMeta | None = None


class _Identified(msgspec.Struct):
    id: str


def reader(kind: type[T], respell: Callable[[Tree], Tree] | None = None) -> Reader[T]:
    """A function that reads one thing of a kind, and raises GoodyUnreadableError where it can't.

    Without a second spelling to settle the bytes are decoded straight into the kind. Where that fails, and wherever
    there is one, the long way is taken: through a tree, in which a null counts as a field that is not there, and 2500.0
    as 2500.
    """
    decoder = msgspec.json.Decoder(kind)

    def straight(raw: bytes) -> T:
        try:
            return decoder.decode(raw)
        except DECODING_ERRORS:
            return long_way(raw)

    def long_way(raw: bytes) -> T:
        try:
            tree = msgspec.json.decode(raw)
            return msgspec.convert(_plain(respell(tree) if respell else tree), kind)
        except DECODING_ERRORS as error:
            raise GoodyUnreadableError(f"Goody sent no readable {kind.__name__}: {error}") from error

    return long_way if respell else straight


read_brand: Final = reader(Brand)
read_card: Final = reader(Card)
read_gift_collection: Final = reader(GiftCollection)
read_me: Final = reader(Me)
read_payment_method: Final = reader(PaymentMethod)
read_user_card: Final = reader(UserCard)
read_product: Final = reader(Product)
read_order: Final = reader(Order, spellings.respell_order)
read_order_activity: Final = reader(OrderActivity, spellings.respell_order_activity)
read_order_batch: Final = reader(OrderBatch, spellings.respell_order_batch)
read_price: Final = reader(Price, spellings.respell_price)


def with_raw(read: Reader[T], recognise: Recognise[T] | None = None) -> Reader[Sent[T]]:
    """A reader that keeps the bytes beside the value; what is recognised by its bytes is not decoded."""

    def read_sent(raw: bytes) -> Sent[T]:
        known = recognise(raw) if recognise else None
        return Sent(raw, read(raw) if known is None else known)

    return read_sent


def read_page(body: bytes, read: Reader[T]) -> Page[T]:
    """A page of a listing; a malformed item costs only itself. Raises GoodyUnreadableError for what is no page."""
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
    except DECODING_ERRORS as error:
        raise GoodyUnreadableError(f"Goody sent no readable page: {error}") from error
    items: list[T] = []
    broken: list[BrokenItem] = []
    for part in envelope.data:
        raw = bytes(part)
        try:
            items.append(read(raw))
        except GoodyUnreadableError as error:
            broken.append(BrokenItem(_id_of(raw), error.detail))
    total = envelope.list_meta.total_count if envelope.list_meta else None
    return Page(tuple(items), total, tuple(broken))


def _id_of(raw: bytes) -> str | None:
    try:
        return msgspec.json.decode(raw, type=_Identified).id
    except DECODING_ERRORS:
        return None


def _plain(tree: Tree) -> Tree:
    if isinstance(tree, dict):
        return {key: _plain(value) for key, value in tree.items() if value is not None}
    if isinstance(tree, list):
        return [_plain(value) for value in tree]
    # A whole number that was written with a decimal point; a part of a cent stays one, and is refused.
    return int(tree) if isinstance(tree, float) and tree.is_integer() else tree

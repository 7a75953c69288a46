"""Goody's operations. Reads raise what went wrong; what changes something answers with an outcome."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote

from foundation.errors import (
    GoodyError,
    GoodyNotFoundError,
    GoodyRefusedError,
    GoodyUnauthorizedError,
    GoodyUnavailableError,
    GoodyUnreadableError,
    SettingsError,
)
from foundation.goody import reading
from foundation.goody.moments import as_utc
from foundation.goody.outcome import PASSING, Outcome, Unknown, is_refusal, outcome_of
from foundation.goody.pages import Page, Sent
from foundation.goody.payloads import ExpirationInput, PriceInput, UserCardInput, encode
from foundation.goody.pinned import PinnedHttp
from foundation.goody.reading import Reader
from foundation.goody.refusal import refusal_text
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
from foundation.http import Answer, ExchangeError, HttpClient, NotSentError, Retries, TimeOuts, Transport

PRODUCTION: Final = "https://api.ongoody.com"
SANDBOX: Final = "https://api.sandbox.ongoody.com"
LARGEST_PAGE: Final = 100

T = TypeVar("T")


class GoodyClient:
    """Goody's Commerce API for one key. Threads may share it; close it, or use it as a context manager.

    Every read raises GoodyUnavailableError (worth trying later, `retry_after` in seconds where known), or one that
    waiting does not mend: GoodyUnauthorizedError, GoodyNotFoundError, GoodyRefusedError, GoodyUnreadableError.
    """

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"GoodyClient({self._http!r})"

    def close(self) -> None:
        """Close the pooled connections."""
        self._http.close()

    def me(self) -> Me:
        """Whom the key belongs to: the cheapest way to learn whether it is valid."""
        return self._one("/v1/me", "the owner of the key", reading.read_me)

    def products(
        self,
        page: int = 1,
        per_page: int = LARGEST_PAGE,
        *,
        use_custom_catalog: bool | None = None,
        country_code: str | None = None,
        show_inactive: bool | None = None,
        recognise: reading.Recognise[Any] | None = None,
    ) -> Page[Sent[Any]]:
        """A page of the catalog; `show_inactive` counts for a custom catalog only.

        Each value is a Product, or what `recognise` makes of the bytes where it knows them.
        """
        params = _paging(page, per_page) | _given(
            use_custom_catalog=use_custom_catalog,
            country_code=country_code,
            custom_catalog_show_inactive=show_inactive,
        )
        return self._page("/v1/products", params, "products", reading.with_raw(reading.read_product, recognise))

    def product(self, product_id: str, *, use_custom_catalog: bool | None = None) -> Sent[Product]:
        """One product."""
        path, params = f"/v1/products/{_segment(product_id)}", _given(use_custom_catalog=use_custom_catalog)
        return self._one(path, f"product {product_id}", reading.with_raw(reading.read_product), params)

    def brands(
        self, page: int = 1, per_page: int = LARGEST_PAGE, *, country_code: str | None = None
    ) -> Page[Sent[Brand]]:
        """A page of the brands."""
        params = _paging(page, per_page) | _given(country_code=country_code)
        return self._page("/v1/brands", params, "brands", reading.with_raw(reading.read_brand))

    def cards(self, page: int = 1, per_page: int = LARGEST_PAGE) -> Page[Sent[Card]]:
        """A page of the greeting cards."""
        return self._page("/v1/cards", _paging(page, per_page), "cards", reading.with_raw(reading.read_card))

    def collections(
        self, page: int = 1, per_page: int = LARGEST_PAGE, *, published: bool | None = None
    ) -> Page[Sent[GiftCollection]]:
        """A page of the account's gift collections; with `published` those only that can be ordered."""
        params = _paging(page, per_page) | _given(published=published)
        read = reading.with_raw(reading.read_gift_collection)
        return self._page("/v1/collections", params, "gift collections", read)

    def payment_methods(self) -> Page[PaymentMethod]:
        """The ways to pay, with the stored value balance."""
        return self._page("/v1/payment_methods", {}, "payment methods", reading.read_payment_method)

    def price(self, wanted: PriceInput) -> Price:
        """What a batch would cost. Nothing is made by asking, so it is asked again like a read."""
        body = encode(wanted)
        answer = _asked("a price", lambda: self._http.post("/v1/order_batches/price", body, retry=True))
        return _read(answer, "a price", reading.read_price)

    def create_order_batch(self, body: bytes) -> Outcome[OrderBatch]:
        """Send a frozen body, once.

        After Unknown send the same bytes again: their `customer_reference_id` lets one batch be made, not two.
        """
        return self._change("/v1/order_batches", body, reading.read_order_batch)

    def cancel_order(self, order_id: str) -> Outcome[Order]:
        """Cancel an order, once; Goody allows it in `created`, `notified`, `opened`. After Unknown read the order."""
        return self._change(f"/v1/orders/{_segment(order_id)}/cancel", b"", reading.read_order)

    def update_expiration(self, order_id: str, expires_at: datetime) -> Outcome[Order]:
        """Let an order expire at another moment (whole seconds count), once. After Unknown read the order."""
        body = encode(ExpirationInput(expires_at))
        return self._change(f"/v1/orders/{_segment(order_id)}/update_expiration", body, reading.read_order)

    def save_card(self, wanted: UserCardInput) -> Outcome[UserCard]:
        """Save an end user's card, once. After Unknown it may be saved under an id that no operation tells."""
        return self._change("/v1/commerce_user_payment_methods", encode(wanted), reading.read_user_card)

    def order_batch(self, batch_id: str) -> OrderBatch:
        """One batch."""
        return self._one(f"/v1/order_batches/{_segment(batch_id)}", f"order batch {batch_id}", reading.read_order_batch)

    def order_batches(self, page: int = 1, per_page: int = LARGEST_PAGE) -> Page[OrderBatch]:
        """A page of the batches, in an order Goody does not document."""
        return self._page("/v1/order_batches", _paging(page, per_page), "order batches", reading.read_order_batch)

    def order_batch_orders(self, batch_id: str, page: int = 1, per_page: int = LARGEST_PAGE) -> Page[Order]:
        """A page of a batch's orders."""
        path = f"/v1/order_batches/{_segment(batch_id)}/orders"
        return self._page(path, _paging(page, per_page), f"orders of batch {batch_id}", reading.read_order)

    def order(self, order_id: str) -> Order:
        """One order, the truth about it; alone in carrying `event_times`."""
        return self._one(f"/v1/orders/{_segment(order_id)}", f"order {order_id}", reading.read_order)

    def orders(
        self,
        page: int = 1,
        per_page: int = LARGEST_PAGE,
        *,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
    ) -> Page[Order]:
        """A page of the orders made between two moments, both included."""
        # The brackets are part of Goody's parameter names, which no keyword can be.
        bounds = _given(after=created_after, before=created_before)
        params = _paging(page, per_page) | {f"created_at[{side}]": moment for side, moment in bounds.items()}
        return self._page("/v1/orders", params, "orders", reading.read_order)

    def order_activities(
        self,
        page: int = 1,
        per_page: int = LARGEST_PAGE,
        *,
        after: datetime | None = None,
        before: datetime | None = None,
        statuses: Sequence[str] = (),
    ) -> Page[OrderActivity]:
        """A page of the status changes between two moments, both included; of every status when none is named."""
        params = _paging(page, per_page) | _given(after=after, before=before, statuses=",".join(statuses) or None)
        return self._page("/v1/order_activities", params, "order activities", reading.read_order_activity)

    def _one(self, path: str, asked: str, read: Reader[T], params: Mapping[str, str] | None = None) -> T:
        return _read(_asked(asked, lambda: self._http.get(path, params)), asked, read)

    def _page(self, path: str, params: Mapping[str, str], asked: str, read: Reader[T]) -> Page[T]:
        answer = _asked(asked, lambda: self._http.get(path, params))
        page = _read(answer, asked, lambda body: reading.read_page(body, read))
        return replace(page, retries=answer.tries - 1)

    def _change(self, path: str, body: bytes, read: Reader[T]) -> Outcome[T]:
        try:
            answer = self._http.post(path, body)
        except ExchangeError as error:
            return Unknown(str(error), sent=not isinstance(error, NotSentError))
        return outcome_of(answer, read)


def connect(
    base_url: str,
    api_key: str,
    *,
    time_outs: TimeOuts | None = None,
    retries: Retries | None = None,
    connections: int = 20,
    transport: Transport | None = None,
    public_app_id: str | None = None,
) -> GoodyClient:
    """A client for one key at one of Goody's environments. Raises SettingsError for an absurd key.

    With a `public_app_id` the key has to be that Goody app's: one of another is answered with 401 for everything.
    """
    # A stray line break from a secrets file would fail each request much later, and httpx's error would quote the key.
    if not (api_key.isascii() and api_key.isprintable() and api_key.strip()) or " " in api_key:
        raise SettingsError("The Goody API key is empty or holds a blank, a line break or a character outside ASCII.")
    options: dict[str, Any] = {
        "headers": {"Authorization": f"Bearer {api_key}", "Accept": "application/json"},
        "time_outs": time_outs,
        "retries": retries,
        "connections": connections,
        "transport": transport,
    }
    if public_app_id is None:
        return GoodyClient(HttpClient(base_url, **options))
    return GoodyClient(PinnedHttp(base_url, public_app_id=public_app_id, **options))


def _asked(asked: str, call: Callable[[], Answer]) -> Answer:
    try:
        return call()
    except ExchangeError as error:
        raise GoodyUnavailableError(f"Goody gave no answer when asked for {asked}: {error} Try later.") from error


def _read(answer: Answer, asked: str, read: Reader[T]) -> T:
    if HTTPStatus(200) <= answer.status < HTTPStatus(300):
        try:
            return read(answer.body)
        except GoodyUnreadableError as error:
            raise GoodyUnreadableError(f"Asked for {asked}: {error.detail}") from error
    raise _no(answer, asked)


def _no(answer: Answer, asked: str) -> GoodyError:
    status, said = answer.status, f"Goody answered {answer.status} when asked for {asked}"
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return GoodyUnauthorizedError(f"{said}: check that the API key is one of this environment's.", status=status)
    if status == HTTPStatus.NOT_FOUND:
        return GoodyNotFoundError(f"{said}: it has no such thing.", status=status)
    if is_refusal(status):
        return GoodyRefusedError(f"{said}: {refusal_text(answer.body)}", status=status)
    if status in PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return GoodyUnavailableError(f"{said}: try later.", retry_after=answer.retry_after)
    # Redirects among them, which are not followed: the key goes to the address it was given for and nowhere else.
    return GoodyUnreadableError(f"{said}, which is no answer of this API: check the base URL.")


def _paging(page: int, per_page: int) -> dict[str, str]:
    return {"page": str(page), "per_page": str(per_page)}


def _given(**params: bool | str | datetime | None) -> dict[str, str]:
    written: dict[str, str] = {}
    for name, value in params.items():
        if isinstance(value, datetime):
            written[name] = as_utc(value).isoformat().replace("+00:00", "Z")
        elif value is not None:
            written[name] = str(value).lower() if isinstance(value, bool) else value
    return written


def _segment(identifier: str) -> str:
    # A path has no room for these: the request would go to another operation than the one that was meant.
    if identifier in {"", ".", ".."}:
        raise GoodyNotFoundError("Goody has nothing under an empty id.", status=HTTPStatus.NOT_FOUND)
    return quote(identifier, safe="")

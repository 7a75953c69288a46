"""Quirks: what is only assumed about Goody, turned round.

Goody's documents are silent or contradict each other in places. The storefront chose one reading of each
(`docs/assumptions.md`); a quirk makes the emulator follow another one, for all apps or for one.
"""

import threading
from collections.abc import Collection
from enum import StrEnum, unique
from typing import Self

from goody_emulator.errors import RefusedError


@unique
class Quirk(StrEnum):
    """What can be turned round; the text says how the emulator then behaves."""

    def __new__(cls, name: str, about: str = "") -> Self:
        """Make a quirk of its name and of what it does."""
        quirk = str.__new__(cls, name)
        quirk._value_ = name
        quirk.__doc__ = about
        return quirk

    DUPLICATE_TEXT = "duplicate-text", "A repeated customer_reference_id is refused with another text."
    DUPLICATE_CONFLICT = "duplicate-conflict", "A repeated customer_reference_id is refused with 409."
    DUPLICATE_UNPROCESSABLE = "duplicate-unprocessable", "A repeated customer_reference_id is refused with 422."
    DUPLICATE_CREATED = "duplicate-created", "A repeated customer_reference_id answers 201 with the first batch."
    REFERENCE_NOT_UNIQUE = "reference-not-unique", "A repeated customer_reference_id makes a second batch."
    BATCHES_UNORDERED = "batches-unordered", "GET /v1/order_batches lists in an order of its own."
    BATCHES_OLDEST_FIRST = "batches-oldest-first", "GET /v1/order_batches lists the oldest first."
    ORDERS_OLDEST_FIRST = "orders-oldest-first", "GET /v1/orders lists the oldest first."
    LATE_LISTING = "late-listing", "A batch and its orders appear in lists thirty seconds after they were made."
    ACCEPTED_STATUS = "accepted-status", "The webhook at acceptance shows the status accepted, beside the payment link."
    ACCEPTED_NAME = "accepted-name", "The event at acceptance is called order.accepted."
    CANCELED_STATUS = "canceled-status", "A cancelled order is canceled, not failed."
    CANCELED_KEEPS_CHARGE = "canceled-keeps-charge", "What support cancels after it was paid is not given back."
    CANCEL_REVIVES = "cancel-revives", "Cancelling an order that was cancelled makes it an open gift again."
    DELIVERED_AS_SHIPPED = "delivered-as-shipped", "The order.delivered webhook shows the status shipped."
    REFUNDED_STATUS = "refunded-status", "A refund sets the status to refunded, which no document knows."
    EXPIRATION_ANY_TIME = "expiration-any-time", "An accepted order can be given another expiration."
    STALE_EXPIRATION = "stale-expiration", "Webhooks and activities show an expiration as it was at first."
    LATE_ACTIVITIES = "late-activities", "An activity appears thirty seconds after its time."
    ACTIVITIES_OLDEST_FIRST = "activities-oldest-first", "GET /v1/order_activities lists the oldest first."
    ACTIVITY_OF_ITS_TIME = "activity-of-its-time", "An activity shows its order in the status of then, not of now."
    USER_APPROVAL = "user-approval", "Activities include pending_user_approval, on the way to paid."
    FLOAT_AMOUNTS = "float-amounts", "Amounts are written with a decimal point, such as 2500.0."
    PRICE_ESTIMATE_NAMES = "price-estimate-names", "A price is called cart_price_estimate and total_price_estimate."
    ORDER_LINK_NAME = "order-link-name", "The gift link is called individual_order_link."
    SHARED_LINK_NAME = "shared-link-name", "The gift link is called individual_gift_link_shared."
    UNKNOWN_FIELDS = "unknown-fields", "Every object has a field that no document knows."
    NULLS_LEFT_OUT = "nulls-left-out", "What would be null is left out."
    SHARE_FLAG_LEFT_OUT = "share-flag-left-out", "commerce_revshare_excluded is left out of products."
    PRODUCTS_UNORDERED = "products-unordered", "GET /v1/products lists in another order with every page."
    EMPTY_PAGE_WITHIN = "empty-page-within", "The second page of a list is empty although a third one is not."
    STORED_VALUE_CHARGED_EARLY = "stored-value-charged-early", "Stored value is charged when the order is made."
    STORED_VALUE_RENAMED = "stored-value-renamed", "Stored value has a UUID in the list of payment methods."
    STORED_VALUE_NO_EXPIRY = "stored-value-no-expiry", "An order paid from stored value needs no expires_at."
    NESTED_ADDRESS = "nested-address", "A mailing_address within a mailing_address is read, as in an example."
    UNCOVERED_FAILS = "uncovered-fails", "An order that the stored value does not cover fails at acceptance."
    EXPIRED_FAILS = "expired-fails", "An order that expires fails, with the event order.canceled."
    WEBHOOKS_FOR_ADMINS = "webhooks-for-admins", "Webhooks are made and deleted by admins only, and the key is none."
    DECLINED_AT_ORDERING = "declined-at-ordering", "A direct send to a card that will be declined is refused."
    STATEMENT_OTHER_NAMES = "statement-other-names", "Statements call their columns and kinds of lines otherwise."
    STATEMENT_SIGNS_TURNED = "statement-signs-turned", "In statements charges are positive, and what comes in negative."
    DIRECT_SEND_ANNOUNCED = "direct-send-announced", "A direct send tells of its acceptance as gifts do."

    @property
    def about(self) -> str:
        """How the emulator behaves with it."""
        return self.__doc__ or ""


class Quirks:
    """Which quirks are in force: those of the command line for all apps, and each app's own."""

    def __init__(self, everywhere: Collection[Quirk] = ()) -> None:
        self._lock = threading.Lock()
        self._everywhere = frozenset(everywhere)
        self._of_app: dict[str, frozenset[Quirk]] = {}

    def of_app(self, app_id: str | None) -> frozenset[Quirk]:
        """Return the quirks that hold for an app; None asks for those that hold for every app."""
        with self._lock:
            return self._everywhere | self._of_app.get(app_id or "", frozenset())

    def has(self, app_id: str, quirk: Quirk) -> bool:
        """Tell whether a quirk holds for an app."""
        return quirk in self.of_app(app_id)

    def apps_with(self, quirk: Quirk) -> list[str] | None:
        """Return the apps a quirk holds for; None when it holds for every app."""
        with self._lock:
            if quirk in self._everywhere:
                return None
            return [app_id for app_id, own in self._of_app.items() if quirk in own]

    def put(self, app_id: str | None, quirks: Collection[Quirk]) -> None:
        """Let these, and only these, be an app's own; None sets those of every app."""
        with self._lock:
            if app_id is None:
                self._everywhere = frozenset(quirks)
            else:
                self._of_app[app_id] = frozenset(quirks)

    def clear(self, app_id: str | None = None) -> None:
        """Lift an app's own quirks; None lifts all, those of every app and each app's own."""
        with self._lock:
            if app_id is None:
                self._everywhere = frozenset()
                self._of_app.clear()
            else:
                self._of_app.pop(app_id, None)


def named(names: Collection[str]) -> list[Quirk]:
    """Return quirks by name; RefusedError lists the ones there are."""
    try:
        return [Quirk(name) for name in names]
    except ValueError as error:
        raise RefusedError(f"{error}; the quirks are {', '.join(Quirk)}.") from error

"""What the tests of payments have in common: rows looked at and set up, a second worker, a neighbouring app."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from foundation import events
from foundation.goody.payloads import RecipientInput
from foundation.http import Transport
from foundation.ids import new_id, new_token
from payments.modes import PaymentMode
from payments.placing import Gift, Line, NewOrder, place
from payments.tables import Order, OrderBatch, WebhookMessage
from storefront.services import Services, build_services
from tests.integration.payments.wire import Wire
from tests.shop import WEBHOOK_SECRET, Goody, Shop

Json = dict[str, Any]


@dataclass(frozen=True)
class Wired:
    """A shop, and the wire between it and Goody."""

    shop: Shop
    wire: Wire


@dataclass(frozen=True)
class Neighbour:
    """Another app in the same storefront, with an account of its own at Goody."""

    app_id: str
    slug: str
    sk: str
    goody: Goody


@contextmanager
def another_process(shop: Shop, transport: Transport | None = None) -> Iterator[Services]:
    """The services of a second process over the same database."""
    services = build_services(shop.services.settings, clock=shop.clock, transport=transport)
    try:
        yield services
    finally:
        services.close()


@contextmanager
def neighbour_of(shop: Shop, slug: str = "neighbour") -> Iterator[Neighbour]:
    """A second app."""
    key = f"goody_token_commerce_{new_token()}"
    made = shop.services.apps.create(
        slug,
        goody_api_key=key,
        goody_base_url=shop.goody.base_url,
        webhook_secret=WEBHOOK_SECRET,
        default_mode="hosted_payment",
    )
    goody = Goody(shop.goody.base_url, key)
    try:
        yield Neighbour(made.app_id, slug, made.secret_key, goody)
    finally:
        goody.close()


def place_order(shop: Shop, app_id: str | None = None, *, recipients: int = 1) -> str:
    """An order whose intent is committed, and which nobody has sent yet; returns the batch's id."""
    product = shop.product()
    line = Line(
        product_id=product["id"],
        name=product["name"],
        brand_id=product["brand"]["id"],
        brand_name=product["brand"]["name"],
        price=product["price"],
        quantity=1,
        variants=(),
        is_price_chosen=False,
        revshare_excluded=False,
    )
    names = tuple(RecipientInput(first_name=f"Li {number}") for number in range(recipients))
    order = NewOrder(
        app_id=app_id or shop.app_id,
        checkout_id=new_id("chk"),
        customer_id=None,
        payment_mode=PaymentMode.HOSTED_PAYMENT,
        lines=[line],
        gift=Gift(from_name="Ana", send_method="link_multiple_custom_list", recipients=names),
        quote={"per_recipient": {"total_high": 3300}, "total": {"total_high": 3300 * recipients}},
    )
    with shop.services.sessions.begin() as session:
        return place(session, order, shop.clock())


def send_as_if_by_a_process_that_died(shop: Shop, batch_id: str) -> None:
    """Make the batch at Goody, without a trace of it here."""
    outcome = shop.services.accounts.client(shop.app_id).create_order_batch(batch_row(shop, batch_id).payload.encode())
    assert type(outcome).__name__ == "Done", outcome


def batch_row(shop: Shop, batch_id: str) -> OrderBatch:
    """The batch as stored."""
    with shop.services.sessions.read() as session:
        return session.get_one(OrderBatch, batch_id)


def order_row(shop: Shop, order_id: str) -> Order:
    """The order as stored."""
    with shop.services.sessions.read() as session:
        return session.get_one(Order, order_id)


def set_batch(shop: Shop, batch_id: str, **values: object) -> None:
    """Bring the row into a state that only a crash or another process would leave."""
    with shop.services.sessions.begin() as session:
        session.execute(sa.update(OrderBatch).where(OrderBatch.id == batch_id).values(**values))


def messages(shop: Shop) -> list[WebhookMessage]:
    """Every webhook stored, oldest first."""
    with shop.services.sessions.read() as session:
        return list(session.scalars(sa.select(WebhookMessage).order_by(WebhookMessage.id)))


def log_of(shop: Shop, app_id: str) -> list[events.Event]:
    """An app's whole event log, without what is about the catalog."""
    with shop.services.sessions.read() as session:
        log = events.read_after(session, app_id, 0, 1000)
    assert [event.sequence for event in log] == list(range(1, len(log) + 1)), "a gap in the sequence"
    return [event for event in log if not event.type.startswith("catalog.")]


def counted(shop: Shop) -> Counter[str]:
    """How often each type of event is in the app's log, which must be without a gap."""
    return Counter(event.type for event in log_of(shop, shop.app_id))


def sweep_after(shop: Shop, **duration: float) -> int:
    """Let time pass, then sweep once."""
    shop.clock.advance(**duration)
    return shop.services.submissions.sweep()


def batch_data(shop: Shop, index: int = 0) -> Json:
    """A batch of this app in the shape of Goody's webhooks."""
    return {key: value for key, value in shop.goody.batches[index].items() if key != "app"}


def in_the_webhooks_spelling(batch: Json) -> Json:
    """A batch as Goody's batch events spell it."""
    other = {"orders_count": "gifts_count", "orders_preview": "gifts_preview"}
    respelt = {other.get(key, key): value for key, value in batch.items()}
    orders = [
        {"gift_batch_id" if k == "order_batch_id" else k: v for k, v in each.items()}
        for each in batch["orders_preview"]
    ]
    return {**respelt, "gifts_preview": orders}

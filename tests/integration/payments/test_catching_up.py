"""What webhooks did not tell is learnt by reading quiet orders again; and time alone is told of once."""

from collections import Counter
from datetime import timedelta

import httpx

from payments.lifecycle import read_status
from tests.integration.payments.stage import Wired, counted, log_of, order_row
from tests.patience import until
from tests.shop import Shop

DONE = {"order_batch.submitted": 1, "order.created": 1, "order_batch.completed": 1}


LIVES = (
    ("open",),
    ("open", "cancel"),
    ("accept",),
    ("accept", "pay"),
    ("open", "accept", "pay", "ship", "deliver", "thank_you_note"),
)


def test_after_a_day_without_webhooks_everything_that_reads_tell_is_known(shop: Shop) -> None:
    order_ids = [shop.order()["id"] for _ in LIVES]
    for order_id, life in zip(order_ids, LIVES, strict=True):
        for step in life:
            shop.goody.step(order_id, step, {"note": "Thank you!"} if step == "thank_you_note" else None)
    shop.clock.advance(days=1)
    for _ in range(2):
        shop.services.activities.poll_due()
        shop.services.quiet_orders.look_due()
        shop.clock.advance(hours=7)
    for order_id in order_ids:
        row, told = order_row(shop, order_id), shop.goody.order(order_id)
        assert row.status == read_status(told["status"], has_payment_link=told["payment_link"] is not None)
        assert (row.thank_you_note, row.amounts["amount_total"]) == (
            told["thank_you_note"],
            told["amounts"]["amount_total"],
        )
    assert max(Counter((event.type, event.subject) for event in log_of(shop, shop.app_id)).values()) == 1


def test_a_cancellation_whose_webhook_was_lost_is_learnt_by_reading_the_quiet_order(shop: Shop) -> None:
    order_id = shop.order()["id"]
    shop.goody.step(order_id, "cancel")
    shop.clock.advance(hours=5)
    assert shop.services.quiet_orders.look_due() == 0
    shop.clock.advance(hours=2)
    assert shop.services.quiet_orders.look_due() == 1
    assert order_row(shop, order_id).status == "canceled"
    shop.clock.advance(days=30)
    assert shop.services.quiet_orders.look_due() == 0, "it can't move any more"
    assert counted(shop) == {**DONE, "order.canceled": 1}


def test_a_thank_you_note_after_delivery_is_learnt_too(shop: Shop) -> None:
    order_id = shop.order()["id"]
    for step in ("accept", "pay", "ship", "deliver", "thank_you_note"):
        shop.goody.step(order_id, step, {"note": "Thank you!"} if step == "thank_you_note" else None)
    shop.services.activities.poll_due()
    row = order_row(shop, order_id)
    if row.thank_you_note is None:
        shop.clock.advance(hours=7)
        assert shop.services.quiet_orders.look_due() == 1
    assert order_row(shop, order_id).thank_you_note == "Thank you!"
    assert counted(shop)["order.thank_you_note_added"] == 1


def test_the_longer_an_order_is_quiet_the_more_rarely_it_is_read(wired: Wired) -> None:
    shop = wired.shop
    order_id = shop.order()["id"]
    until(lambda: shop.goody.order(order_id)["status"] == "notified")
    shop.clock.advance(hours=7)
    assert shop.services.quiet_orders.look_due() == 1
    pauses = []
    for _ in range(6):
        shop.clock.advance(hours=25)
        assert shop.services.quiet_orders.look_due() == 1
        assert shop.services.quiet_orders.look_due() == 0
        row = order_row(shop, order_id)
        assert row.next_look_at is not None
        pauses.append(row.next_look_at - shop.clock())
    assert pauses[0] < pauses[-1] <= timedelta(days=1)


def test_an_answer_from_before_the_news_is_not_taken(wired: Wired) -> None:
    shop, wire = wired.shop, wired.wire
    order_id = shop.order()["id"]
    shop.clock.advance(hours=7)

    def be_overtaken(request: httpx.Request) -> httpx.Response:
        answer = wire.pass_on(request)
        answer.read()
        shop.hear("order.canceled", shop.goody.step(order_id, "cancel"))
        return answer

    wire.step_in("GET", f"/v1/orders/{order_id}", be_overtaken)
    assert shop.services.quiet_orders.look_due() == 1
    assert order_row(shop, order_id).status == "canceled"


def test_other_details_of_the_same_status_are_settled_by_a_look(shop: Shop) -> None:
    order_id = shop.order()["id"]
    opened = shop.goody.step(order_id, "open")
    shop.hear("order.gift_opened", opened)
    assert order_row(shop, order_id).next_look_at is None
    late = {**opened, "expires_at": "2099-01-01T00:00:00Z"}
    shop.hear("order.gift_opened", late)
    assert shop.services.quiet_orders.look_due() == 1
    row, told = order_row(shop, order_id), shop.goody.order(order_id)
    assert (row.expires_at is None) == (told["expires_at"] is None)
    assert row.expires_at is None or row.expires_at.year < 2099
    assert shop.services.quiet_orders.look_due() == 0


def test_an_expiry_is_told_once_beforehand_and_anew_when_it_is_put_off(shop: Shop) -> None:
    order_id = shop.complete(shop.checkout(expires_at=_in(shop, days=10))).get_json()["orders"][0]["id"]
    reminders = shop.services.reminders
    assert reminders.remind_due() == 0
    shop.clock.advance(days=8)
    assert [reminders.remind_due() for _ in range(2)] == [1, 0]
    shop.execute("UPDATE orders SET expires_at = :moment", moment=_moment(shop, days=2))
    assert [reminders.remind_due() for _ in range(2)] == [1, 0]
    shop.hear("order.gift_accepted", shop.goody.step(order_id, "accept"))
    shop.execute("UPDATE orders SET expires_at = :moment", moment=_moment(shop, days=1))
    assert reminders.remind_due() == 0, "an accepted gift does not expire"
    assert counted(shop)["order.expiring"] == 2


def test_an_unpaid_order_is_reminded_of_at_each_moment_and_lapses_once(shop: Shop) -> None:
    order_id = shop.order()["id"]
    shop.hear("order.gift_accepted", shop.goody.step(order_id, "accept"))
    told = []
    for hours in (0, 2, 0, 22, 1, 13 * 24, 24, 24):
        shop.clock.advance(hours=hours)
        told.append(shop.services.reminders.remind_due())
    assert told == [0, 1, 0, 1, 0, 1, 0, 0]
    assert counted(shop)["order.payment_reminder"] == 2
    assert counted(shop)["order.payment_lapsed"] == 1


def test_a_paid_order_is_not_reminded_of(shop: Shop) -> None:
    order_id = shop.order()["id"]
    shop.hear("order.gift_accepted", shop.goody.step(order_id, "accept"))
    shop.goody.step(order_id, "pay")
    shop.services.activities.poll_due()
    shop.clock.advance(days=20)
    assert shop.services.reminders.remind_due() == 0


def _in(shop: Shop, **duration: float) -> str:
    return (shop.clock() + timedelta(**duration)).isoformat()


def _moment(shop: Shop, **duration: float) -> object:
    """A moment as either database keeps it."""
    moment = shop.clock() + timedelta(**duration)
    is_sqlite = shop.services.sessions.engine.dialect.name == "sqlite"
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if is_sqlite else moment

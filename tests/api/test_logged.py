"""What a whole sale leaves in the log at the most talkative level: no name, no address, no key, no link."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from svix.webhooks import Webhook

from foundation.ids import new_token
from foundation.keys import KeyKind
from foundation.logs import configure_logs
from storefront.services import build_services
from tests.api.customers import token_maker
from tests.api.relaying import deliver, new_endpoint
from tests.integration.delivery.partner import Partner, Reply, partner_backend
from tests.logging_state import LoggingState
from tests.shop import SLUG, WEBHOOK_SECRET, Shop

PHONE = "+12025550143"
PERSON = {
    "first_name": "Liwendolyn",
    "last_name": "Weizmannsson",
    "email": "liwendolyn@example.com",
    "phone": PHONE,
}
ADDRESS = {
    "first_name": "Liwendolyn",
    "last_name": "Weizmannsson",
    "address_1": "17 Elmstreetlane",
    "city": "Poughkeepsie",
    "state": "NY",
    "postal_code": "12601",
    "country": "US",
}
CARDS = "/v1/commerce_user_payment_methods"
NAMING = "Liwendolyn of 17 Elmstreetlane can't be helped"
"""What Goody says when it refuses."""
WORDS = (
    *PERSON.values(),
    "17 Elmstreetlane",
    "Poughkeepsie",
    "Anastasiya",
    "Zanzibarian wishes",
    "partnernote",
    "interim-card-4242",
)


@pytest.fixture(autouse=True)
def logging_put_back(logging_is_left_alone: None) -> Iterator[None]:  # noqa: ARG001  this one ends first
    before = LoggingState.now()
    yield
    before.restore()


def wish(shop: Shop, **changes: Any) -> dict[str, Any]:
    card = shop.call("GET", "/v1/cards?limit=1").get_json()["data"][0]["id"]
    told = {"message": "Zanzibarian wishes", "card_id": card, "metadata": {"note": "partnernote"}}
    return shop.wish(**{"from_name": "Anastasiya", "recipients": [PERSON], **told, **changes})


@pytest.fixture
def partner() -> Iterator[Partner]:
    with partner_backend() as partner:
        yield partner


def relay(shop: Shop, partner: Partner) -> list[str]:
    """All events told to an endpoint that repeats what it gets, fails, and takes it; returns the secrets of that."""
    endpoint = new_endpoint(shop, partner.url())
    path = f"/v1/webhook_endpoints/{endpoint['id']}"
    rotated = shop.call("POST", f"{path}/secret/rotate", {"overlap_seconds": 60}).get_json()["secret"]
    partner.answers["/hooks"] = lambda message: Reply(400 if len(partner.received) % 2 else 200, body=message.body)
    shop.call("POST", f"{path}/replay?since=2020-01-01T00:00:00Z")
    deliver(shop)
    shop.clock.advance(seconds=30)
    deliver(shop)
    assert any(b"Liwendolyn" in message.body for message in partner.received)
    stream = shop.call("POST", "/v1/stream_tokens", {"customer_id": "cust_7"}).get_json()["token"]
    shop.call("GET", f"/v1/events/stream?token={stream}")
    signatures = [part for one in partner.received for part in one.headers["webhook-signature"].split()]
    return [endpoint["secret"], rotated, stream, *(signature.removeprefix("v1,") for signature in signatures)]


def signed(shop: Shop) -> str:
    """A message with Goody's signature that tells too little; returns the signature."""
    body, moment = json.dumps({"event_type": "order.gift_opened", "data": PERSON}).encode(), datetime.now(UTC)
    answer = shop.deliver(body, svix_id="msg_of_this_test", sent_at=moment)
    assert answer.status_code == 400, "well signed, and not what Goody sends"
    return Webhook(WEBHOOK_SECRET).sign("msg_of_this_test", moment, body.decode()).removeprefix("v1,")


def walk(shop: Shop, customer: dict[str, str], partner: Partner) -> list[str]:
    """A sale with all that goes wrong on the way; returns the secrets that were made in it."""
    left = shop.call("POST", "/v1/checkouts", wish(shop), headers={"Idempotency-Key": new_token()}).get_json()
    path, secret = f"/v1/checkouts/{left['id']}", left["client_secret"]
    shop.call("PATCH", path, {"from_name": "Anastasiya"}, key=shop.pk, secret=secret)
    shop.call("PATCH", path, {"from_name": 7, "recipients": [PERSON, {"email": PERSON["email"]}]})
    made = shop.call("POST", "/v1/checkouts", wish(shop)).get_json()
    shop.goody.fail(kind="lost_answer", method="POST", path="/v1/order_batches", count=1)
    assert shop.complete(made).status_code == 202
    shop.clock.advance(minutes=5)
    shop.services.submissions.sweep()
    batch = shop.call("GET", "/v1/orders").get_json()["data"][0]
    order_id, gift_link = batch["id"], batch["individual_gift_link"]
    shop.hear("order.gift_opened", shop.goody.step(order_id, "open"))
    shop.hear("order.gift_accepted", shop.goody.step(order_id, "accept", {"mailing_address": ADDRESS}))
    payment_link = shop.call("GET", f"/v1/orders/{order_id}").get_json()["payment_link"]
    shop.hear("order.shipped", {"id": order_id, "recipient_first_name": "Liwendolyn", "status": 7})
    shop.deliver(json.dumps({"event_type": "order.gift_opened", "data": PERSON}).encode())
    shop.deliver(json.dumps(PERSON).encode(), secret="whsec_" + "A" * 32)
    cancel = f"/v1/orders/{order_id}/cancel"
    shop.goody.fail(kind="status", status=400, error=NAMING, method="POST", path=cancel, count=1)
    assert shop.call("POST", cancel, headers={"Idempotency-Key": new_token()}).status_code >= 400
    refused = shop.call("POST", "/v1/checkouts", wish(shop)).get_json()
    shop.goody.fail(kind="status", status=400, error=NAMING, method="POST", path="/v1/order_batches", count=1)
    assert shop.complete(refused).status_code == 422
    direct = {"send_method": "direct_send", "recipients": [{**PERSON, "mailing_address": ADDRESS}]}
    sent = shop.call("POST", "/v1/checkouts", wish(shop, **direct)).get_json()
    shop.goody.fail(kind="status", status=400, method="POST", path="/v1/order_batches", count=1)
    shop.complete(sent)
    card = {
        "interim_card_key": "interim-card-4242",
        "cardholder_name": "Anastasiya",
        "billing_address": {name: text for name, text in ADDRESS.items() if "name" not in name},
    }
    shop.call("POST", "/v1/payment_methods", card, key=shop.pk, headers=customer)
    shop.call("POST", "/v1/payment_methods", {**card, "interim_card_key": "declined"}, key=shop.pk, headers=customer)
    shop.goody.fail(kind="status", status=400, error=NAMING, method="POST", path=CARDS, count=1)
    again = {**customer, "Idempotency-Key": new_token()}
    assert shop.call("POST", "/v1/payment_methods", card, key=shop.pk, headers=again).status_code == 422
    shop.call("GET", "/v1/orders", key=shop.pk, headers={"X-Customer-Token": customer["X-Customer-Token"] + "x"})
    shop.goody.step(order_id, "pay")
    for job in (
        shop.services.activities.poll_due,
        shop.services.following.follow_due,
        shop.services.quiet_orders.look_due,
        shop.services.reminders.remind_due,
        shop.services.inbox.apply_due,
        shop.services.retention.blank_due,
        shop.services.key_uses.write,
    ):
        job()
    shop.services.customers.export(SLUG, "cust_7")
    shop.services.customers.erase(SLUG, "cust_7")
    told = [*relay(shop, partner), signed(shop)]
    with shop.services.sessions.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE checkouts RENAME TO elsewhere")
    assert shop.call("POST", "/v1/checkouts", wish(shop)).status_code in {500, 503}, "as the database calls it"
    return [*told, secret, made["client_secret"], gift_link.rpartition("/")[2], re.split("[/=]", payment_link)[-1]]


@pytest.mark.parametrize("form", ["json", "console"])
def test_nothing_personal_and_no_secret_is_logged(
    shop: Shop, partner: Partner, form: str, capfd: pytest.CaptureFixture[str]
) -> None:
    customer = {"X-Customer-Token": token_maker(shop)("cust_7"), "Idempotency-Key": new_token()}
    configure_logs(form, "DEBUG")
    # As a process does it: what is opened later asks how much is to be logged.
    fresh = build_services(shop.services.settings, clock=shop.clock)
    shop = Shop(fresh, shop.goody, shop.clock, shop.app_id, shop.pk, shop.sk)
    other = shop.services.apps.create_key(SLUG, KeyKind.SECRET)
    secrets = walk(shop, customer, partner)
    fresh.close()
    told = capfd.readouterr()
    text = told.err + told.out
    assert "submission swept" in text, "the log was on"
    secrets += [shop.pk, shop.sk, other, shop.goody.key, WEBHOOK_SECRET, customer["X-Customer-Token"]]
    leaked = [word for word in (*WORDS, *secrets) if word in text]
    assert leaked == [], [line for line in text.splitlines() if any(word in line for word in leaked)][:5]

"""Endpoints: made through Goody's API or its dashboard, each with its own events and secret."""

import pytest
from svix.webhooks import Webhook, WebhookVerificationError

from .endpoints import SECRET, add_endpoint, problem_of, sent_to
from .openapi import PATH, Contract
from .partner import Json, Partner, partner_of
from .receiver import Receiver

LATER = "2099-01-01T00:00:00Z"


def _dashboard(partner: Partner, endpoint_id: str) -> Json:
    return next(each for each in partner.get("/_emulator/webhooks")["data"] if each["id"] == endpoint_id)


@pytest.mark.skipif(not PATH.exists(), reason="Goody's openapi.json is not beside this repository")
def test_the_api_answers_as_described(partner: Partner, receiver: Receiver) -> None:
    contract = Contract()
    made = partner.http.post("/v1/webhooks", json={"url": receiver.place().url})
    assert made.status_code == 201
    contract.judge("POST /v1/webhooks", made.json())
    refused = partner.http.delete("/v1/webhooks/nope")
    assert refused.status_code == 400
    contract.judge("POST /v1/webhooks", refused.json(), refused=True)


def test_an_endpoint_hears_of_what_it_asked_for_until_it_is_deleted(partner: Partner, receiver: Receiver) -> None:
    everything, little = receiver.place(), receiver.place()
    few = ["order.gift_opened", "order.canceled"]
    wishes = ({"url": everything.url, "events": None}, {"url": little.url, "events": few})
    first, second = (partner.http.post("/v1/webhooks", json=wish).json()["id"] for wish in wishes)
    order_id = partner.place_one()
    partner.step(order_id, "open")
    heard = receiver.wait_at(everything, 4)
    assert [each.type for each in heard] == [
        "order_batch.created",
        "order_batch.completed",
        "order.created",
        "order.gift_opened",
    ]
    [opened] = receiver.wait_at(little, 1)
    assert (opened.svix_id, opened.body) == (heard[3].svix_id, heard[3].body)
    assert partner.http.delete(f"/v1/webhooks/{first}").status_code == 204
    partner.step(order_id, "cancel")
    assert [each.type for each in receiver.wait_at(little, 2)] == few
    assert len(everything.received) == 4
    assert [each["id"] for each in partner.get("/_emulator/webhooks")["data"]] == ["default", second]


def test_the_dashboard_tells_the_secret_that_goes_with_an_endpoint(
    partner: Partner, receiver: Receiver, webhook_secret: str
) -> None:
    place = receiver.place()
    answer = partner.http.post("/v1/webhooks", json={"url": place.url})
    assert list(answer.json()) == ["id"]
    shown = _dashboard(partner, answer.json()["id"])
    assert shown["url"] == place.url
    assert shown["events"] is None
    assert shown["disabled"] is False
    assert shown["app"] == partner.get("/v1/me")["public_app_id"]
    batch = partner.place(scheduled_send_on=LATER)
    [received] = receiver.wait_at(place, 1)
    [default] = receiver.wait_for(batch["workspace_id"], 1)
    Webhook(shown["secret"]).verify(received.body, received.headers)
    Webhook(webhook_secret).verify(default.body, default.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(webhook_secret).verify(received.body, received.headers)
    assert received.svix_id == default.svix_id


def test_other_apps_are_not_heard_and_not_touched(partner: Partner, receiver: Receiver, emulator_url: str) -> None:
    place = receiver.place()
    endpoint_id = add_endpoint(partner, place)
    with partner_of(emulator_url) as other:
        other.place(scheduled_send_on=LATER)
        for wrong in (endpoint_id, "default"):
            answer = other.http.delete(f"/v1/webhooks/{wrong}")
            assert (answer.status_code, answer.json()) == (400, {"error": "Unauthorized"})
        assert [each["id"] for each in other.get("/_emulator/webhooks")["data"]] == ["default"]
        status, _ = problem_of(other, "PATCH", f"/_emulator/webhooks/{endpoint_id}", {"disabled": True})
        assert status == 404
    partner.place(scheduled_send_on=LATER)
    [received] = receiver.wait_at(place, 1)
    assert received.event["data"]["id"] == partner.get("/v1/order_batches")["data"][0]["id"]


def test_the_endpoint_of_all_apps_is_nobodys_to_change(partner: Partner) -> None:
    status, detail = problem_of(partner, "PATCH", "/_emulator/webhooks/default", {"disabled": True})
    assert (status, detail) == (404, "Endpoint default is of every app: leave the key out to change it.")
    assert _dashboard(partner, "default")["disabled"] is False


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": ""},
        {"url": "ftp://example.test/hooks"},
        {"url": "https://"},
        {"url": "https://example.test:0x/hooks"},
        {"url": "https://example .test/"},
        {"url": "https://example.test/hooks", "events": ["order.teleported"]},
        {"url": "https://example.test/hooks", "events": ["gift_batch.created"]},
        {"url": "https://example.test/hooks", "events": "order.created"},
    ],
)
def test_an_endpoint_that_makes_no_sense_is_refused(partner: Partner, body: Json) -> None:
    partner.refused(body, "/v1/webhooks")
    assert [each["id"] for each in partner.get("/_emulator/webhooks")["data"]] == ["default"]


def test_both_names_of_the_event_at_acceptance_are_known(partner: Partner, receiver: Receiver) -> None:
    place = receiver.place()
    add_endpoint(partner, place, events=["order.accepted"])
    partner.accept(partner.place_one())
    assert [each.type for each in receiver.wait_at(place, 1)] == ["order.gift_accepted"]


def test_the_dashboard_changes_an_endpoint(partner: Partner, receiver: Receiver) -> None:
    before, after = receiver.place(), receiver.place()
    endpoint_id = add_endpoint(partner, before, events=["order.created"])
    changes = {"url": after.url, "events": None, "secret": SECRET}
    answer = partner.http.patch(f"/_emulator/webhooks/{endpoint_id}", json=changes)
    assert answer.status_code == 200
    assert answer.json() == _dashboard(partner, endpoint_id)
    assert {name: answer.json()[name] for name in changes} == changes
    partner.place(scheduled_send_on=LATER)
    [received] = receiver.wait_at(after, 1)
    Webhook(SECRET).verify(received.body, received.headers)
    assert before.received == []


def test_a_disabled_endpoint_gets_nothing_and_gives_up_what_it_was_to_get(partner: Partner, receiver: Receiver) -> None:
    place = receiver.place(lambda _: 500)
    endpoint_id = add_endpoint(partner, place)
    partner.place(scheduled_send_on=LATER)
    [refused] = receiver.wait_at(place, 1)
    partner.until("/_emulator/deliveries", lambda log: log["data"][1]["attempts"] == 1)
    partner.http.patch(f"/_emulator/webhooks/{endpoint_id}", json={"disabled": True})
    partner.place(scheduled_send_on=LATER)
    [given_up] = sent_to(partner, endpoint_id)
    assert (given_up["svix_id"], given_up["status"], given_up["next_attempt_at"]) == (refused.svix_id, "failed", None)
    status, detail = problem_of(partner, "POST", f"/_emulator/deliveries/{refused.svix_id}/resend", {
        "endpoint_id": endpoint_id
    })  # fmt: skip
    assert (status, detail) == (400, f"Endpoint {endpoint_id} is disabled: PATCH it with disabled false first.")
    place.answer = lambda _: 204
    partner.http.patch(f"/_emulator/webhooks/{endpoint_id}", json={"disabled": False})
    partner.place(scheduled_send_on=LATER)
    assert len(receiver.wait_at(place, 2)) == 2


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_é", "whsec_!!!!", "c2VjcmV0", "nonsense"])
def test_a_secret_that_cannot_sign_is_refused(partner: Partner, secret: str) -> None:
    body = {"url": "https://example.test/", "secret": secret}
    status, detail = problem_of(partner, "POST", "/_emulator/webhooks", body)
    assert (status, detail) == (400, "secret must be whsec_ followed by base64.")


def test_unknown_names_are_refused(partner: Partner) -> None:
    body = {"url": "https://example.test/", "event": ["order.created"]}
    assert problem_of(partner, "POST", "/_emulator/webhooks", body)[0] == 400
    assert problem_of(partner, "DELETE", "/_emulator/webhooks/nope")[0] == 404


def test_a_reset_forgets_the_endpoints_of_the_app(partner: Partner, receiver: Receiver) -> None:
    place = receiver.place()
    add_endpoint(partner, place)
    assert partner.http.post("/_emulator/reset").status_code == 204
    assert [each["id"] for each in partner.get("/_emulator/webhooks")["data"]] == ["default"]
    batch = partner.place(scheduled_send_on=LATER)
    receiver.wait_for(batch["workspace_id"], 1)
    assert place.received == []

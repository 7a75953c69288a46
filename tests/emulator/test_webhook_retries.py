"""Svix's schedule on the emulator's clock, the log of it, and endpoints that fail for days."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from svix.webhooks import Webhook

from .conftest import SECRET as DEFAULT_SECRET
from .endpoints import SECRET, add_endpoint, advance, message_of, problem_of, sent_to, stopped_partner, until_sent
from .partner import Json, Partner, partner_of
from .program import running
from .receiver import Received, Receiver

LATER = "2099-01-01T00:00:00Z"
SCHEDULE = [5, 300, 1800, 7200, 18_000, 36_000, 36_000]
DAY = 86_400


@pytest.fixture(scope="module")
def own_emulator(receiver: Receiver) -> Iterator[str]:
    """An emulator whose clock this module may move."""
    with running("--webhook-url", receiver.url, "--webhook-secret", DEFAULT_SECRET, "--products", "60") as base_url:
        yield base_url


@pytest.fixture
def stopped(own_emulator: str) -> Iterator[Partner]:
    """A partner whose emulator's clock stands still."""
    with stopped_partner(own_emulator) as partner:
        yield partner


def _tell(partner: Partner) -> str:
    """Make one event of the app, and return its svix-id."""
    partner.place(scheduled_send_on=LATER)
    svix_id: str = partner.get("/_emulator/deliveries")["data"][-1]["svix_id"]
    return svix_id


def _tries(partner: Partner, svix_id: str, endpoint_id: str) -> list[Json]:
    found = message_of(partner, svix_id)["deliveries"]
    tries: list[Json] = next(each["tries"] for each in found if each["endpoint_id"] == endpoint_id)
    return tries


def _moments(tries: list[Json]) -> list[datetime]:
    return [datetime.fromisoformat(each["at"]) for each in tries]


def _gaps(tries: list[Json]) -> list[float]:
    return [(later - earlier).total_seconds() for earlier, later in pairwise(_moments(tries))]


def test_the_whole_schedule_goes_by_in_a_moment(stopped: Partner, receiver: Receiver) -> None:
    deaf, well = receiver.place(lambda _: 503), receiver.place()
    deaf_id, well_id = add_endpoint(stopped, deaf), add_endpoint(stopped, well)
    svix_id = _tell(stopped)
    advance(stopped, 0)
    assert [each["status"] for each in sent_to(stopped, deaf_id)] == ["pending"]
    advance(stopped, sum(SCHEDULE) - 1)
    assert sent_to(stopped, deaf_id)[0]["attempts"] == 7
    advance(stopped, 1)
    [failed] = sent_to(stopped, deaf_id)
    assert (failed["status"], failed["attempts"], failed["last_outcome"]) == ("failed", 8, "503")
    assert failed["next_attempt_at"] is None
    tries = _tries(stopped, svix_id, deaf_id)
    assert tries[0]["at"] == failed["created_at"]
    assert _gaps(tries) == SCHEDULE
    assert {(each["status"], each["error"], each["response"]) for each in tries} == {(503, None, "answered with 503")}
    assert [(each["status"], each["attempts"]) for each in sent_to(stopped, well_id)] == [("delivered", 1)]
    advance(stopped, 30 * DAY)
    assert len(deaf.received) == 8
    assert len(well.received) == 1
    assert {each.svix_id for each in deaf.received} == {svix_id}
    assert {each.body for each in deaf.received} == {message_of(stopped, svix_id)["body"].encode()}


def test_a_message_is_signed_at_the_real_time_wherever_the_clock_stands(stopped: Partner, receiver: Receiver) -> None:
    place = receiver.place(lambda _: 500)
    add_endpoint(stopped, place)
    _tell(stopped)
    advance(stopped, 2 * DAY)
    for received in place.received:
        Webhook(SECRET).verify(received.body, received.headers)
        signed_at = datetime.fromtimestamp(int(received.headers["svix-timestamp"]), UTC)
        assert abs(datetime.now(UTC) - signed_at) < timedelta(minutes=1)
    assert len(place.received) == 8


def test_a_success_ends_the_schedule(stopped: Partner, receiver: Receiver) -> None:
    place = receiver.place()
    place.answer = lambda _: 500 if len(place.received) < 3 else 202
    endpoint_id = add_endpoint(stopped, place)
    svix_id = _tell(stopped)
    advance(stopped, 10 * DAY)
    assert _gaps(_tries(stopped, svix_id, endpoint_id)) == SCHEDULE[:2]
    assert [(each["status"], each["attempts"]) for each in sent_to(stopped, endpoint_id)] == [("delivered", 3)]


@pytest.mark.parametrize("status", [301, 302, 400, 404, 410])
def test_only_2xx_counts(stopped: Partner, receiver: Receiver, status: int) -> None:
    place = receiver.place(lambda _: status)
    endpoint_id = add_endpoint(stopped, place)
    _tell(stopped)
    advance(stopped, 5)
    [delivery] = sent_to(stopped, endpoint_id)
    assert (delivery["status"], delivery["attempts"], delivery["last_outcome"]) == ("pending", 2, str(status))


def test_nobody_listening_is_an_error_in_the_log(stopped: Partner) -> None:
    answer = stopped.http.post("/_emulator/webhooks", json={"url": "http://127.0.0.1:1/hooks"})
    svix_id = _tell(stopped)
    advance(stopped, 0)
    [attempt] = _tries(stopped, svix_id, answer.json()["id"])
    assert (attempt["status"], attempt["error"], attempt["response"]) == (None, "ConnectError", "")


def test_an_answer_that_takes_too_long_is_a_failure(receiver: Receiver) -> None:
    """Fifteen seconds at Svix; here the emulator is told to wait for less."""
    awake = threading.Event()
    sleepy = receiver.place(lambda _: 204 if awake.wait(60) else 500)
    with running("--webhook-timeout", "0.2", "--products", "60") as url, stopped_partner(url) as partner:
        endpoint_id = add_endpoint(partner, sleepy)
        svix_id = _tell(partner)
        advance(partner, 5)
        [delivery] = sent_to(partner, endpoint_id)
        awake.set()
        assert (delivery["status"], delivery["attempts"], delivery["last_outcome"]) == ("pending", 2, "ReadTimeout")
        tries = _tries(partner, svix_id, endpoint_id)
        assert {(each["status"], each["error"], each["response"]) for each in tries} == {(None, "ReadTimeout", "")}
        assert all(each["milliseconds"] >= 200 for each in tries)
        advance(partner, 300)
        [delivery] = sent_to(partner, endpoint_id)
    assert (delivery["status"], delivery["attempts"], delivery["last_outcome"]) == ("delivered", 3, "204")
    assert {each.svix_id for each in sleepy.received} == {svix_id}


def test_five_days_of_failing_disable_an_endpoint(stopped: Partner, receiver: Receiver) -> None:
    deaf, well = receiver.place(lambda _: 500), receiver.place()
    deaf_id, well_id = add_endpoint(stopped, deaf), add_endpoint(stopped, well)

    def endpoint(endpoint_id: str) -> Json:
        return next(each for each in stopped.get("/_emulator/webhooks")["data"] if each["id"] == endpoint_id)

    first = datetime.fromisoformat(stopped.get("/_emulator/clock")["now"])
    for _ in range(5):
        _tell(stopped)
        advance(stopped, DAY)
    since = datetime.fromisoformat(endpoint(deaf_id)["failing_since"])
    assert since - first == timedelta(seconds=sum(SCHEDULE[:6]))
    _tell(stopped)
    advance(stopped, sum(SCHEDULE[:6]) - 1)
    _tell(stopped)
    advance(stopped, 0)
    assert len(sent_to(stopped, deaf_id)) == 7
    assert endpoint(deaf_id)["disabled"] is False
    advance(stopped, 1)
    assert endpoint(deaf_id)["disabled"] is True
    assert endpoint(well_id)["disabled"] is False
    assert {each["status"] for each in sent_to(stopped, deaf_id)} == {"failed"}
    seen = len(deaf.received)
    _tell(stopped)
    advance(stopped, 10 * DAY)
    assert (len(deaf.received), len(well.received)) == (seen, 8)
    assert len(sent_to(stopped, deaf_id)) == 7
    stopped.http.patch(f"/_emulator/webhooks/{deaf_id}", json={"disabled": False})
    deaf.answer = lambda _: 204
    _tell(stopped)
    advance(stopped, 0)
    assert [each["status"] for each in sent_to(stopped, deaf_id)] == [*["failed"] * 7, "delivered"]


def test_short_outages_far_apart_disable_nothing(stopped: Partner, receiver: Receiver) -> None:
    place = receiver.place()
    endpoint_id = add_endpoint(stopped, place)
    for _ in range(4):
        failing = len(place.received) + 3
        place.answer = lambda _, failing=failing: 500 if len(place.received) <= failing else 204  # type: ignore[misc]
        _tell(stopped)
        advance(stopped, 3 * DAY)
    assert {(each["status"], each["attempts"]) for each in sent_to(stopped, endpoint_id)} == {("delivered", 4)}
    assert stopped.get("/_emulator/webhooks")["data"][1]["failing_since"] is None


def test_single_failures_days_apart_begin_no_five_days(stopped: Partner, receiver: Receiver) -> None:
    workspace = stopped.place(scheduled_send_on=LATER)["workspace_id"]
    advance(stopped, 0)
    for _ in range(3):
        receiver.refusals[workspace] = 1
        svix_id = _tell(stopped)
        advance(stopped, 0)
        assert [each["status"] for each in _tries(stopped, svix_id, "default")] == [500]
        stopped.http.post("/_emulator/reset")  # so that no later attempt puts it right
        advance(stopped, 2 * DAY)
    [default] = stopped.get("/_emulator/webhooks")["data"]
    assert (default["disabled"], default["failing_since"]) == (False, None)


def test_a_slow_endpoint_holds_up_no_other(partner: Partner, receiver: Receiver) -> None:
    released = threading.Event()

    def keep_waiting(_: Received) -> int:
        released.wait(10)
        return 204

    slow, quick = receiver.place(keep_waiting), receiver.place()
    slow_id, quick_id = add_endpoint(partner, slow), add_endpoint(partner, quick)
    batch = partner.place()
    assert [each.type for each in receiver.wait_at(quick, 3)] == [
        "order_batch.created",
        "order_batch.completed",
        "order.created",
    ]
    receiver.wait_for(batch["workspace_id"], 3)
    assert len(slow.received) == 1
    assert [each["status"] for each in sent_to(partner, slow_id)] == ["pending"] * 3
    released.set()
    assert [each.svix_id for each in receiver.wait_at(slow, 3)] == [each.svix_id for each in quick.received]
    assert {each["status"] for each in sent_to(partner, quick_id)} == {"delivered"}


def test_the_log_is_searched(partner: Partner, receiver: Receiver) -> None:
    place = receiver.place(lambda received: 204 if received.type.startswith("order_batch") else 500)
    endpoint_id = add_endpoint(partner, place)
    batch = partner.place()
    until_sent(partner, "default", [("delivered", 1)] * 3)
    until_sent(partner, endpoint_id, [("delivered", 1), ("delivered", 1), ("pending", 1)])

    def found(**filters: str) -> list[tuple[str, str]]:
        data = partner.get("/_emulator/deliveries", **filters)["data"]
        return [(each["event_type"], each["endpoint_id"]) for each in data]

    both = ["default", endpoint_id]
    assert found(event_type="order.created") == [("order.created", each) for each in both]
    assert found(status="pending", endpoint_id=endpoint_id) == [("order.created", endpoint_id)]
    assert found(order_id=batch["orders_preview"][0]["id"], endpoint_id="default") == [("order.created", "default")]
    assert len(found(order_batch_id=batch["id"])) == 6
    assert found(status="failed") == []
    status, detail = problem_of(partner, "GET", "/_emulator/deliveries?colour=red")
    assert status == 400
    assert detail.startswith("There is no filter colour; there are event_type, status")


def test_the_log_of_one_app_is_not_anothers(partner: Partner, emulator_url: str) -> None:
    svix_id = _tell(partner)
    with partner_of(emulator_url) as other:
        assert other.get("/_emulator/deliveries")["data"] == []
        assert problem_of(other, "GET", f"/_emulator/deliveries/{svix_id}")[0] == 404
        assert problem_of(other, "POST", f"/_emulator/deliveries/{svix_id}/resend")[0] == 404


def test_what_was_delivered_is_sent_again_under_the_same_id(partner: Partner, receiver: Receiver) -> None:
    place, other = receiver.place(), receiver.place()
    endpoint_id = add_endpoint(partner, place)
    other_id = add_endpoint(partner, other)
    svix_id = _tell(partner)
    receiver.wait_at(place, 1)
    receiver.wait_at(other, 1)
    answer = partner.http.post(f"/_emulator/deliveries/{svix_id}/resend", json={"endpoint_id": endpoint_id})
    assert answer.status_code == 202
    first, second = receiver.wait_at(place, 2)
    assert (first.svix_id, first.body) == (second.svix_id, second.body)
    Webhook(SECRET).verify(second.body, second.headers)
    until_sent(partner, endpoint_id, [("delivered", 2)])
    assert [each["status"] for each in _tries(partner, svix_id, endpoint_id)] == [204, 204]
    assert len(other.received) == 1
    partner.http.post(f"/_emulator/deliveries/{svix_id}/resend")
    receiver.wait_at(place, 3)
    receiver.wait_at(other, 2)
    assert len(sent_to(partner, other_id)) == 1


def test_what_has_failed_is_sent_again_with_a_schedule_of_its_own(stopped: Partner, receiver: Receiver) -> None:
    place = receiver.place(lambda _: 500)
    endpoint_id = add_endpoint(stopped, place)
    svix_id = _tell(stopped)
    advance(stopped, 2 * DAY)
    assert sent_to(stopped, endpoint_id)[0]["status"] == "failed"
    stopped.http.post(f"/_emulator/deliveries/{svix_id}/resend", json={"endpoint_id": endpoint_id})
    advance(stopped, 2 * DAY)
    gaps = _gaps(_tries(stopped, svix_id, endpoint_id))
    assert gaps == [*SCHEDULE, 2 * DAY - sum(SCHEDULE), *SCHEDULE]


def test_resending_begins_the_schedule_anew(stopped: Partner, receiver: Receiver) -> None:
    place = receiver.place(lambda _: 500)
    endpoint_id = add_endpoint(stopped, place)
    svix_id = _tell(stopped)
    advance(stopped, 5 + 300)
    stopped.http.post(f"/_emulator/deliveries/{svix_id}/resend", json={"endpoint_id": endpoint_id})
    advance(stopped, 2 * DAY)
    assert _gaps(_tries(stopped, svix_id, endpoint_id)) == [5, 300, 0, *SCHEDULE]


def test_what_is_resent_while_under_way_comes_twice(partner: Partner, receiver: Receiver) -> None:
    released = threading.Event()
    place = receiver.place(lambda _: 204 if released.wait(10) else 500)
    endpoint_id = add_endpoint(partner, place)
    svix_id = _tell(partner)
    receiver.wait_at(place, 1)
    partner.http.post(f"/_emulator/deliveries/{svix_id}/resend", json={"endpoint_id": endpoint_id})
    released.set()
    assert [each.svix_id for each in receiver.wait_at(place, 2)] == [svix_id, svix_id]
    until_sent(partner, endpoint_id, [("delivered", 2)])


def test_an_endpoint_made_later_can_be_sent_what_came_before(partner: Partner, receiver: Receiver) -> None:
    svix_id = _tell(partner)
    place = receiver.place()
    endpoint_id = add_endpoint(partner, place)
    partner.http.post(f"/_emulator/deliveries/{svix_id}/resend", json={"endpoint_id": endpoint_id})
    [received] = receiver.wait_at(place, 1)
    assert received.svix_id == svix_id
    status, _ = problem_of(partner, "POST", f"/_emulator/deliveries/{svix_id}/resend", {"endpoint_id": "nope"})
    assert status == 404

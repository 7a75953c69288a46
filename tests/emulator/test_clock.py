"""The clock of an emulator of one's own: stopped, moved on, kept."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from .conftest import SECRET
from .partner import ADDRESS, STORED, Json, Partner, partner_of
from .program import running
from .receiver import Place, Received, Receiver, receiving

START = "2030-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def hooks() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def url(hooks: Receiver) -> Iterator[str]:
    with running("--products", "60", "--webhook-url", hooks.url, "--webhook-secret", SECRET) as url:
        yield url


@pytest.fixture
def partner(url: str) -> Iterator[Partner]:
    """A partner at the first second of 2030, when the clock stands still."""
    with partner_of(url) as partner:
        with partner_of(url) as anybody:
            del anybody.http.headers["Authorization"]
            assert anybody.http.post("/_emulator/reset").status_code == 204
        clock(partner, "freeze", to=START)
        yield partner


def clock(partner: Partner, change: str, **how: object) -> Json:
    answer = partner.http.post(f"/_emulator/clock/{change}", json=how)
    assert answer.status_code == 200, answer.text
    shown: Json = answer.json()
    return shown


def after(**past: float) -> str:
    moment = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(**past)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def real_seconds_ahead(shown: Json) -> float:
    moment = datetime.strptime(shown["now"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()


def test_a_frozen_clock_stands_still_until_it_is_resumed(partner: Partner) -> None:
    order_id = partner.place_one()
    time.sleep(1.3)  # long enough for a recipient to be notified, if the clock ran
    assert partner.get("/_emulator/clock")["now"] == START
    assert partner.get("/_emulator/clock")["frozen"] is True
    order = partner.get(f"/v1/orders/{order_id}")
    assert (order["status"], order["event_times"]["created_at"]) == ("created", START)
    assert clock(partner, "resume")["frozen"] is False
    partner.until(f"/v1/orders/{order_id}", lambda order: order["status"] == "notified")
    assert after(seconds=1) <= partner.get("/_emulator/clock")["now"] <= after(seconds=20)


def test_a_scheduled_batch_is_sent_at_its_own_moment(partner: Partner) -> None:
    late = partner.place(scheduled_send_on=after(days=40))
    soon = partner.place(scheduled_send_on=after(days=3, hours=5))
    shown = clock(partner, "advance", seconds=60 * 86_400)
    assert (shown["now"], shown["frozen"], shown["is_settled"]) == (after(days=60), True, True)
    orders = partner.get("/v1/orders")["data"]
    assert [order["order_batch_id"] for order in orders] == [late["id"], soon["id"]]
    late_times, soon_times = (partner.get(f"/v1/orders/{order['id']}")["event_times"] for order in orders)
    assert (soon_times["created_at"], late_times["created_at"]) == (after(days=3, hours=5), after(days=40))
    assert late_times["notified_at"] == after(days=40, seconds=1)


def test_nothing_happens_before_its_time(partner: Partner) -> None:
    partner.place(scheduled_send_on=after(hours=1))
    clock(partner, "advance", seconds=3599)
    assert partner.get("/v1/orders")["data"] == []
    clock(partner, "advance", seconds=1)
    assert [order["status"] for order in partner.get("/v1/orders")["data"]] == ["created"]


def test_magic_words_work_at_their_own_moments(partner: Partner) -> None:
    expiry = after(days=90)
    order_id = partner.place_one(from_name="[delivered]", payment_method_id=STORED, expires_at=expiry)
    partner.step(order_id, "accept", {"mailing_address": ADDRESS})
    clock(partner, "advance", to=after(days=1))
    times = partner.get(f"/v1/orders/{order_id}")["event_times"]
    assert (times["shipped_at"], times["delivered_at"]) == (after(seconds=1), after(seconds=2))


def test_a_gift_expires_when_the_clock_has_passed(partner: Partner) -> None:
    order_id = partner.place_one(expires_at=after(days=2))
    clock(partner, "advance", to=after(days=2))
    answer = partner.http.post(f"/_emulator/orders/{order_id}/accept", json={"mailing_address": ADDRESS})
    assert (answer.status_code, answer.json()["detail"]) == (409, "The gift has expired.")
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "notified"


def test_a_lost_webhook_is_tried_again_on_the_way(partner: Partner, hooks: Receiver) -> None:
    workspace = partner.get("/v1/workspaces")["data"][0]["id"]
    hooks.refusals[workspace] = 2
    partner.place(scheduled_send_on=after(days=30))
    assert clock(partner, "advance", seconds=3600)["is_settled"] is True
    [logged] = partner.get("/_emulator/deliveries")["data"]
    assert (logged["event_type"], logged["status"], logged["attempts"]) == ("order_batch.created", "delivered", 3)
    tries = partner.get(f"/_emulator/deliveries/{logged['svix_id']}")["deliveries"][0]["tries"]
    assert [each["at"] for each in tries] == [START, after(seconds=5), after(seconds=305)]


def test_a_running_clock_runs_on_from_where_it_was_moved_to(partner: Partner) -> None:
    clock(partner, "resume")
    shown = clock(partner, "advance", seconds=86_400)
    assert (shown["frozen"], shown["is_settled"]) == (False, True)
    assert after(days=1) <= shown["now"] <= after(days=1, seconds=20)
    assert shown["ahead_seconds"] == pytest.approx(real_seconds_ahead(shown), abs=2)


def test_it_can_be_moved_by_nothing_at_all(partner: Partner) -> None:
    assert clock(partner, "advance", seconds=0)["now"] == START
    clock(partner, "resume")
    for _ in range(20):  # the present is never in the past, however fast the clock runs
        clock(partner, "advance", seconds=0)
    assert clock(partner, "freeze", seconds=0)["frozen"] is True


def test_advancing_waits_for_a_slow_receiver(partner: Partner, hooks: Receiver) -> None:
    slow = hooks.place(_slowly(0.4))
    _listen(partner, slow)
    partner.place(scheduled_send_on=after(days=30))
    shown = clock(partner, "advance", seconds=10)
    assert (shown["is_settled"], len(slow.received)) == (True, 1)


def test_it_says_when_it_did_not_wait_to_the_end(partner: Partner, hooks: Receiver) -> None:
    slow = hooks.place(_slowly(0.8))
    _listen(partner, slow)
    partner.place(scheduled_send_on=after(days=30))
    shown = clock(partner, "advance", seconds=10, patience=0.1)
    assert (shown["now"], shown["is_settled"]) == (after(seconds=10), False)
    assert clock(partner, "advance", seconds=0)["is_settled"] is True
    assert len(slow.received) == 1


def test_reset_without_a_key_sets_it_by_the_machine_again(partner: Partner) -> None:
    partner.place()
    assert partner.http.post("/_emulator/reset").status_code == 204
    assert partner.get("/_emulator/clock")["now"] == START  # with a key it is not one's own to set
    assert partner.http.post("/_emulator/reset", headers={"Authorization": ""}).status_code == 204
    shown = partner.get("/_emulator/clock")
    assert (shown["frozen"], shown["ahead_seconds"]) == (False, 0)
    assert abs(real_seconds_ahead(shown)) < 5


@pytest.mark.parametrize(
    ("change", "body", "detail"),
    [
        ("advance", {}, "Say how far: `seconds`, or a moment as `to`."),
        ("advance", {"to": "2029-12-31T23:59:59Z"}, "The clock cannot go back; reset the emulator or restore a "),
        ("freeze", {"to": "2029-12-31T23:59:59Z"}, "The clock cannot go back; reset the emulator or restore a "),
        ("advance", {"to": "tomorrow"}, "`to` must be a moment in ISO 8601, such as 2026-12-24T18:00:00Z."),
        ("advance", {"seconds": -1}, "`seconds` must be from 0 to 315360000."),
        ("advance", {"seconds": 1, "to": START}, "Name the moment with `to` or with `seconds`, not with both."),
        ("advance", {"to": "2040-01-02T00:00:00Z"}, "`to` must lie within ten years of the emulator's clock"),
        ("advance", {"seconds": 1, "patience": 601}, "`patience` must be from 0 to 600 seconds."),
    ],
)
def test_what_makes_no_sense_is_refused_and_moves_nothing(
    partner: Partner, change: str, body: Json, detail: str
) -> None:
    answer = partner.http.post(f"/_emulator/clock/{change}", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["detail"].startswith(detail)
    assert partner.get("/_emulator/clock")["now"] == START


def test_a_refused_move_leaves_a_running_clock_running(partner: Partner) -> None:
    clock(partner, "resume")
    assert partner.http.post("/_emulator/clock/advance", json={"to": "2029-01-01T00:00:00Z"}).status_code == 400
    assert partner.get("/_emulator/clock")["frozen"] is False


def test_a_restart_keeps_the_clock_frozen(tmp_path: Path) -> None:
    options = ("--products", "12", "--state", str(tmp_path / "state.db"))
    with running(*options) as url, partner_of(url, "key") as partner:
        clock(partner, "freeze", to=after(days=1))
        partner.place(scheduled_send_on=after(days=9))
    with running(*options) as url, partner_of(url, "key") as partner:
        shown = partner.get("/_emulator/clock")
        assert (shown["now"], shown["frozen"]) == (after(days=1), True)
        clock(partner, "advance", to=after(days=10))
        [order] = partner.get("/v1/orders")["data"]
        assert partner.get(f"/v1/orders/{order['id']}")["event_times"]["created_at"] == after(days=9)


def test_a_restart_keeps_a_running_clock_ahead(tmp_path: Path) -> None:
    options = ("--products", "12", "--state", str(tmp_path / "state.db"))
    with running(*options) as url, partner_of(url, "key") as partner:
        ahead = clock(partner, "advance", seconds=7 * 86_400)["ahead_seconds"]
    with running(*options) as url, partner_of(url, "key") as partner:
        shown = partner.get("/_emulator/clock")
    assert (shown["frozen"], shown["ahead_seconds"]) == (False, ahead)


def _listen(partner: Partner, place: Place) -> None:
    body = {"url": place.url, "events": ["order_batch.created"]}
    assert partner.http.post("/v1/webhooks", json=body).status_code == 201


def _slowly(seconds: float) -> Callable[[Received], int]:
    def answer(_: Received) -> int:
        time.sleep(seconds)
        return 204

    return answer

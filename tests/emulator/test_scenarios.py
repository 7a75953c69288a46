"""Scenarios: what happens to orders by itself, on a clock that the tests move."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from .conftest import SECRET
from .partner import STORED, Json, Partner, partner_of
from .program import launch, running
from .receiver import Receiver, receiving

START = datetime(2030, 1, 1, tzinfo=UTC)
FOREVER = "2099-01-01T00:00:00Z"
BUILT_IN = {
    "changes-mind",
    "happy",
    "happy-direct",
    "never-opens-and-expires",
    "refunded-after-delivery",
    "shipped-in-two-parts",
    "slow-and-flaky-goody",
    "stored-value-runs-dry",
    "swaps-and-pays-on-the-third-try",
    "webhooks-doubled-and-reordered",
    "webhooks-lost",
}


@pytest.fixture(scope="module")
def hooks() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def url(hooks: Receiver, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("scenarios")
    (folder / "from-a-folder.toml").write_text('[[steps]]\nafter = "1m"\ndo = "open"\n')
    options = ("--webhook-url", hooks.url, "--webhook-secret", SECRET, "--scenarios", str(folder))
    with running("--products", "200", *options) as url:
        yield url


@pytest.fixture
def partner(url: str) -> Iterator[Partner]:
    """A partner of its own, when the clock stands still at the first second of 2030."""
    with partner_of(url) as partner:
        everybody = {"Authorization": ""}
        partner.http.post("/_emulator/reset", headers=everybody).raise_for_status()
        partner.http.post("/_emulator/clock/freeze", json={"to": after()}).raise_for_status()
        yield partner


def after(**past: float) -> str:
    return (START + timedelta(**past)).strftime("%Y-%m-%dT%H:%M:%SZ")


def advance(partner: Partner, **how: object) -> None:
    answer = partner.http.post("/_emulator/clock/advance", json=how)
    assert answer.status_code == 200, answer.text
    assert answer.json()["is_settled"] is True


def play(partner: Partner, name: str, order_id: str) -> Json:
    answer = partner.http.post(f"/_emulator/scenarios/{name}/play", json={"order_id": order_id})
    assert answer.status_code == 201, answer.text
    run: Json = answer.json()
    return run


def outcomes(partner: Partner, order_id: str) -> list[tuple[str, str]]:
    [run] = partner.get("/_emulator/scenarios/runs", order_id=order_id)["data"]
    return [(step["do"], step["outcome"]) for step in run["steps"]]


def test_the_built_in_ones_are_there_and_so_is_the_folders(partner: Partner) -> None:
    listed = partner.get("/_emulator/scenarios")["data"]
    assert {each["name"] for each in listed} >= BUILT_IN | {"from-a-folder"}
    assert all(each["about"] for each in listed if each["name"] in BUILT_IN)
    assert partner.get("/_emulator/scenarios/from-a-folder")["steps"] == [{"do": "open", "after": "1m"}]


def test_each_step_is_taken_at_its_own_moment(partner: Partner) -> None:
    order_id = partner.place_one()
    run = play(partner, "happy", order_id)
    assert [step["outcome"] for step in run["steps"]] == ["waiting"] * 6
    assert [step["due_at"] for step in run["steps"]] == [after(hours=1), None, None, None, None, None]
    advance(partner, seconds=7 * 86_400)
    order = partner.get(f"/v1/orders/{order_id}")
    assert order["status"] == "delivered"
    assert order["thank_you_note"] == "What a lovely surprise, thank you!"
    times = order["event_times"]
    assert times["opened_at"] == after(hours=1)
    assert times["accepted_at"] == after(hours=1, minutes=10)
    assert times["paid_at"] == after(hours=1, minutes=25)
    assert times["shipped_at"] == after(days=1, hours=1, minutes=25)
    assert times["delivered_at"] == after(days=5, hours=1, minutes=25)
    assert {outcome for _, outcome in outcomes(partner, order_id)} == {"done"}


def test_nothing_happens_before_it_is_due(partner: Partner) -> None:
    order_id = partner.place_one()
    play(partner, "happy", order_id)
    advance(partner, seconds=3599)
    assert outcomes(partner, order_id)[0] == ("open", "waiting")
    advance(partner, seconds=1)
    assert outcomes(partner, order_id)[:2] == [("open", "done"), ("accept", "waiting")]
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "opened"


def test_swaps_and_pays_on_the_third_try(partner: Partner) -> None:
    order_id = partner.place_one()
    given = partner.get(f"/v1/orders/{order_id}")["cart"]["items"][0]["product"]["id"]
    play(partner, "swaps-and-pays-on-the-third-try", order_id)
    advance(partner, seconds=7 * 86_400)
    order = partner.get(f"/v1/orders/{order_id}")
    assert (order["status"], order["is_swapped"]) == ("delivered", True)
    assert order["cart"]["items"][0]["product"]["id"] != given
    assert order["event_times"]["accepted_at"] == after(hours=2)
    [stored] = partner.get("/_emulator/orders")["data"]
    assert stored["payment_attempts"] == 2


def test_never_opens_and_expires(partner: Partner) -> None:
    order_id = partner.place_one()
    play(partner, "never-opens-and-expires", order_id)
    advance(partner, seconds=16 * 86_400)
    assert outcomes(partner, order_id) == [("expire", "done"), ("accept", "refused")]
    [run] = partner.get("/_emulator/scenarios/runs", order_id=order_id)["data"]
    assert run["steps"][1]["reason"] == "The gift has expired."
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "notified"


def test_changes_mind(partner: Partner) -> None:
    order_id = partner.place_one()
    play(partner, "changes-mind", order_id)
    advance(partner, seconds=3600)
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "failed"


def test_refunded_after_delivery(partner: Partner) -> None:
    order_id = partner.place_one()
    play(partner, "refunded-after-delivery", order_id)
    advance(partner, seconds=10 * 86_400)
    events = [each["event_type"] for each in partner.get("/_emulator/deliveries", order_id=order_id)["data"]]
    assert events[-2:] == ["order.delivered", "order.refunded"]


def test_a_direct_send_goes_ahead(partner: Partner) -> None:
    address = {"address_1": "1 Main St", "city": "New York", "state": "NY", "postal_code": "10022", "country": "US"}
    recipients = [{"first_name": "Ada", "mailing_address": address}]
    order_id = partner.place_one(send_method="direct_send", recipients=recipients)
    play(partner, "happy-direct", order_id)
    advance(partner, seconds=5 * 86_400)
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "delivered"


def test_shipped_in_two_parts(partner: Partner) -> None:
    first = partner.plain
    second = partner.product(
        lambda each: (
            each["brand"]["id"] != first["brand"]["id"]
            and not (each["variants"] or each["price_is_variable"] or each["restricted_states"])
        )
    )
    cart = {"items": [{"product_id": each["id"], "quantity": 1} for each in (first, second)]}
    order_id = partner.place_one(cart=cart)
    play(partner, "shipped-in-two-parts", order_id)
    advance(partner, seconds=2 * 86_400)
    statuses = [each["status"] for each in partner.get(f"/v1/orders/{order_id}")["shipments"]]
    assert statuses.count("shipped") == 1
    advance(partner, seconds=10 * 86_400)
    order = partner.get(f"/v1/orders/{order_id}")
    assert (order["status"], [each["status"] for each in order["shipments"]]) == ("delivered", ["delivered"] * 2)


def test_stored_value_runs_dry(partner: Partner) -> None:
    order_id = partner.place_one(payment_method_id=STORED, expires_at=FOREVER)
    play(partner, "stored-value-runs-dry", order_id)
    advance(partner, seconds=7200)
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "pending_payment"
    assert partner.account()[0] == 0
    advance(partner, seconds=3 * 86_400)
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "shipped"
    kinds = [each["kind"] for each in partner.account()[1]]
    assert kinds == ["deposit", "withdrawal", "deposit", "charge", "revenue_share"]


def test_lost_webhooks_are_learnt_of_by_asking_only(partner: Partner) -> None:
    order_id = partner.place_one()
    play(partner, "webhooks-lost", order_id)
    advance(partner, seconds=4 * 86_400)
    deliveries = partner.get("/_emulator/deliveries", order_id=order_id)["data"]
    assert [(each["event_type"], each["status"]) for each in deliveries] == [
        ("order.created", "delivered"),
        ("order.gift_opened", "dropped"),
        ("order.gift_accepted", "dropped"),
        ("order.shipped", "dropped"),
        ("order.delivered", "dropped"),
    ]
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "delivered"
    # It ends by itself: the next order's webhooks arrive.
    later = partner.place_one()
    advance(partner, seconds=1)
    assert [each["status"] for each in partner.get("/_emulator/deliveries", order_id=later)["data"]] == ["delivered"]


def test_webhooks_come_twice_and_out_of_order(partner: Partner, hooks: Receiver) -> None:
    order_id = partner.place_one()
    advance(partner, seconds=0)
    play(partner, "webhooks-doubled-and-reordered", order_id)
    advance(partner, seconds=60)
    heard = [each for each in list(hooks.received) if each.event["data"].get("id") == order_id][1:]
    types = [each.type for each in heard]
    assert types[:4] == ["order.delivered", "order.shipped", "order.gift_accepted", "order.gift_opened"]
    assert len(heard) == 8
    assert len({each.svix_id for each in heard}) == 4


def test_faults_are_put_in_force_for_the_app_alone(url: str, partner: Partner) -> None:
    order_id = partner.place_one()
    play(partner, "slow-and-flaky-goody", order_id)
    kinds = [rule["kind"] for rule in partner.get("/_emulator/faults")["rules"]]
    assert kinds == ["lost_answer", "status", "delay"]
    with partner_of(url) as other:
        assert other.get("/_emulator/faults")["rules"] == []
    wish = partner.wish()
    assert partner.http.post("/v1/order_batches", json=wish).status_code == 504
    partner.http.delete("/_emulator/faults")
    assert wish["customer_reference_id"] in {
        each["customer_reference_id"] for each in partner.get("/v1/order_batches")["data"]
    }


def test_quirks_are_put_in_force(partner: Partner) -> None:
    put(partner, "canceled", {"quirks": ["canceled-status"], "steps": [{"do": "cancel", "after": "1m"}]})
    order_id = partner.place_one()
    play(partner, "canceled", order_id)
    advance(partner, seconds=60)
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "canceled"


def test_the_senders_name_plays_one(partner: Partner) -> None:
    order_id = partner.place_one(from_name="[scenario:changes-mind]")
    plain = partner.place_one(from_name="Bo")
    advance(partner, seconds=3600)
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "failed"
    assert partner.get(f"/v1/orders/{plain}")["status"] == "notified"


def test_a_senders_name_that_names_none_tells_so_in_a_run(partner: Partner) -> None:
    order_id = partner.place_one(from_name="[scenario:teapot]")
    [run] = partner.get("/_emulator/scenarios/runs", order_id=order_id)["data"]
    assert (run["scenario"], run["steps"][0]["outcome"]) == ("teapot", "refused")
    assert run["steps"][0]["reason"].startswith("There is no scenario 'teapot'; there are: changes-mind, ")


def test_the_next_orders_are_armed(partner: Partner) -> None:
    answer = partner.http.post("/_emulator/scenarios/changes-mind/arm", json={"orders": 2})
    assert (answer.status_code, answer.json()["orders_left"]) == (201, 2)
    assert partner.http.post("/_emulator/scenarios/from-a-folder/arm").status_code == 201
    orders = [partner.place_one() for _ in range(4)]
    advance(partner, seconds=3600)
    statuses = [partner.get(f"/v1/orders/{order_id}")["status"] for order_id in orders]
    assert statuses == ["failed", "failed", "opened", "notified"]
    assert partner.get("/_emulator/scenarios")["armed"] == []


def test_orders_of_others_are_not_armed(url: str, partner: Partner) -> None:
    partner.http.post("/_emulator/scenarios/changes-mind/arm").raise_for_status()
    with partner_of(url) as other:
        order_id = other.place_one()
        assert other.get("/_emulator/scenarios/runs", order_id=order_id)["data"] == []
        assert other.get("/_emulator/scenarios")["armed"] == []
    assert [each["orders_left"] for each in partner.get("/_emulator/scenarios")["armed"]] == [1]
    assert partner.http.delete("/_emulator/scenarios/armed").status_code == 204
    assert partner.get("/_emulator/scenarios")["armed"] == []


def test_an_order_of_another_app_is_not_ones_own_to_play_with(url: str, partner: Partner) -> None:
    with partner_of(url) as other:
        order_id = other.place_one()
    answer = partner.http.post("/_emulator/scenarios/happy/play", json={"order_id": order_id})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def put(partner: Partner, name: str, body: Any) -> None:
    answer = partner.http.put(f"/_emulator/scenarios/{name}", json=body)
    assert answer.status_code == 201, answer.text


def test_one_that_was_put_in_is_the_apps_own(url: str, partner: Partner) -> None:
    put(partner, "happy", {"steps": [{"do": "cancel"}]})
    assert partner.get("/_emulator/scenarios/happy")["steps"] == [{"do": "cancel"}]
    with partner_of(url) as other:
        assert len(other.get("/_emulator/scenarios/happy")["steps"]) == 6
    assert partner.http.delete("/_emulator/scenarios/happy").status_code == 204
    assert len(partner.get("/_emulator/scenarios/happy")["steps"]) == 6
    assert partner.http.delete("/_emulator/scenarios/happy").status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer", "detail"),
    [
        ([], "", "Expected `object`, got `array`."),
        ({}, "/steps", "Object missing required field `steps`."),
        ({"steps": []}, "/steps", "A scenario has 1 to 100 steps."),
        ({"steps": [{"do": "open"}, {"do": "dance"}]}, "/steps/1/do", "Invalid enum value 'dance'"),
        ({"steps": [{"after": "1h"}]}, "/steps/0/do", "Object missing required field `do`."),
        ({"steps": [{"do": "open", "after": "soon"}]}, "/steps/0/after", "`after` is a number and s, m, h or d"),
        ({"steps": [{"do": "open", "swap": "any"}]}, "/steps/0/swap", "`swap` makes no sense here: open takes no"),
        ({"steps": [{"do": "open", "colour": 1}]}, "/steps/0/colour", "Object contains unknown field `colour`."),
        ({"steps": [{"do": "accept", "state": 5}]}, "/steps/0/state", "Expected `str | null`, got `int`."),
        ({"steps": [{"do": "deposit"}]}, "/steps/0/amount", "deposit needs an `amount` in cents."),
        ({"steps": [{"do": "open"}], "quirks": ["odd"]}, "/quirks", "'odd' is not a valid Quirk"),
        ({"steps": [{"do": "open"}], "faults": [{"kind": "odd"}]}, "/faults/0/kind", "kind must be one of delay, "),
        ({"steps": [{"do": "open"}], "chaos": [{"kind": "odd"}]}, "/chaos/0", "Invalid enum value 'odd'"),
        ({"steps": [{"do": "open"}], "name": "other"}, "/name", "The scenario calls itself 'other'"),
    ],
)
def test_a_wrong_one_is_refused_with_a_pointer(partner: Partner, body: Any, pointer: str, detail: str) -> None:
    answer = partner.http.put("/_emulator/scenarios/mine", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert (answer.json()["pointer"], answer.json()["detail"][: len(detail)]) == (pointer, detail)
    assert partner.http.get("/_emulator/scenarios/mine").status_code == 404


@pytest.mark.parametrize("name", ["Runs", "runs", "a b", "a" * 65])
def test_a_wrong_name_is_refused(partner: Partner, name: str) -> None:
    answer = partner.http.put(f"/_emulator/scenarios/{name}", json={"steps": [{"do": "open"}]})
    assert answer.status_code in {400, 405}


def test_what_is_no_json_is_refused(partner: Partner) -> None:
    answer = partner.http.put("/_emulator/scenarios/mine", content=b"steps = []")
    assert (answer.status_code, answer.json()["detail"]) == (400, "A scenario is put in as JSON; this is none.")


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ('[[steps]]\ndo = "open"\n[[steps]]\ndo = "dance"\n', "odd.toml: step 2, do: Invalid enum value 'dance'"),
        (
            '[[steps]]\ndo = "ship"\nnote = "x"\n',
            "odd.toml: step 1, note: `note` makes no sense here: ship takes shipment",
        ),
        ("[[steps\n", "odd.toml cannot be read: "),
    ],
)
def test_a_wrong_file_stops_the_start(tmp_path: Path, written: str, complaint: str) -> None:
    (tmp_path / "odd.toml").write_text(written)
    process = launch("--port", "0", "--products", "12", "--scenarios", str(tmp_path))
    output, complained = process.communicate(timeout=120)
    assert (process.returncode, output) == (1, "")
    assert complained.startswith("Error: ")
    assert complaint in complained
    assert complained.count("\n") == 1


def test_one_under_way_goes_on_after_a_restart(tmp_path: Path) -> None:
    options = ("--products", "60", "--state", str(tmp_path / "state.db"))
    with running(*options) as url, partner_of(url, "key") as partner:
        partner.http.post("/_emulator/clock/freeze", json={"to": after()}).raise_for_status()
        put(partner, "mine", {"steps": [{"do": "open"}, {"do": "cancel", "after": "2d"}]})
        order_id = partner.place_one()
        play(partner, "mine", order_id)
        advance(partner, seconds=86_400)
    with running(*options) as url, partner_of(url, "key") as partner:
        assert outcomes(partner, order_id) == [("open", "done"), ("cancel", "waiting")]
        advance(partner, seconds=86_400)
        assert outcomes(partner, order_id) == [("open", "done"), ("cancel", "done")]
        assert partner.get("/_emulator/scenarios/mine")["steps"][0] == {"do": "open"}

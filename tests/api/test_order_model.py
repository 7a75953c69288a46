"""A model of an order's life held against the API: whatever is told, in whichever order, late, twice or never."""

from collections import Counter
from datetime import timedelta
from typing import Any, Final

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from werkzeug.test import TestResponse

from foundation.events import Event
from payments.lifecycle import PAYABLE, ROAD, Status
from payments.order_change_states import CHANGEABLE
from tests.shop import Shop

EVENTS: Final = {
    "open": ("order.gift_opened", Status.OPENED),
    "accept": ("order.gift_accepted", Status.PENDING_PAYMENT),
    "pay": (None, Status.ORDERED),
    "ship": ("order.shipped", Status.SHIPPED),
    "deliver": ("order.delivered", Status.DELIVERED),
    "cancel": ("order.canceled", Status.CANCELED),
}
NEXT: Final = {
    Status.CREATED: ("open", "accept", "cancel"),
    Status.OPENED: ("accept", "cancel"),
    Status.PENDING_PAYMENT: ("pay",),
    Status.ORDERED: ("ship",),
    Status.SHIPPED: ("deliver",),
}
TOLD_OF: Final = {
    Status.CREATED: "order.created",
    Status.OPENED: "order.opened",
    Status.ACCEPTED: "order.accepted",
    Status.PAID: "order.paid",
    Status.SHIPPED: "order.shipped",
    Status.DELIVERED: "order.delivered",
    Status.CANCELED: "order.canceled",
}


class OrderLife(RuleBasedStateMachine):
    """One order: what is so at Goody, what has been told of it, and what the storefront must make of that."""

    shop: Shop
    """Set by the test: one shop serves all runs, each with an order of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.svix_ids: list[str] = []

    @initialize()
    def order_a_gift(self) -> None:
        """A checkout is completed."""
        with self.shop.services.sessions.read() as session:
            self.after = session.scalar(sa.select(sa.func.max(Event.sequence))) or 0
        self.order_id: str = self.shop.order()["id"]
        self.truth = self.known = Status.CREATED
        self.began = self.shop.clock().replace(microsecond=0)
        self.expires_at: str | None = None
        self.moved = 0
        self.is_swapped = self.knows_link = self.knows_refund = self.is_refunded = False
        self.road: set[Status] = {Status.CREATED}
        self.sent.append(("order.created", self.shop.goody.order(self.order_id)))
        self.check()

    @rule(data=st.data(), swap=st.booleans())
    @precondition(lambda self: self.truth in NEXT)
    def live(self, data: st.DataObject, swap: bool) -> None:  # noqa: FBT001  hypothesis passes it by name
        """Something happens at Goody; its webhook waits."""
        step = data.draw(st.sampled_from(NEXT[self.truth]))
        body = None
        if step == "accept" and swap:
            body = {"mailing_address": ADDRESS, "swap": [{"product_id": self.shop.product()["id"], "quantity": 1}]}
            self.is_swapped = True
        told = self.shop.goody.step(self.order_id, step, body)
        event, self.truth = EVENTS[step]
        if event is not None:
            self.sent.append((event, told))
        self.check()

    @rule()
    @precondition(
        lambda self: self.truth in {Status.ORDERED, Status.SHIPPED, Status.DELIVERED} and not self.is_refunded
    )
    def refund(self) -> None:
        """The money goes back."""
        self.sent.append(("order.refunded", self.shop.goody.step(self.order_id, "refund")))
        self.is_refunded = True
        self.check()

    @rule(data=st.data(), is_repeat=st.booleans())
    @precondition(lambda self: bool(self.sent))
    def hear(self, data: st.DataObject, is_repeat: bool) -> None:  # noqa: FBT001  hypothesis passes it by name
        """A webhook arrives: any of those that were sent, perhaps again, perhaps under the same id."""
        number = data.draw(st.integers(0, len(self.sent) - 1))
        event, told = self.sent[number]
        svix_id = f"{self.order_id}-{number}" + ("" if is_repeat else f"-{len(self.svix_ids)}")
        is_new = svix_id not in self.svix_ids
        self.svix_ids.append(svix_id)
        self.shop.hear(event, told, svix_id=svix_id)
        if is_new:
            said = next((status for name, status in EVENTS.values() if name == event), None)
            self.learn(said or Status(told["status"]))
            self.knows_refund = self.knows_refund or event == "order.refunded"
        self.check()

    @rule()
    def poll(self) -> None:
        """Order activities are read."""
        self.shop.clock.advance(minutes=2)
        self.shop.services.activities.poll_due()
        self.read()
        self.check()

    @rule()
    def look(self) -> None:
        """The order has been quiet, and is read."""
        self.shop.clock.advance(hours=25)
        self.shop.services.quiet_orders.look_due()
        self.read()
        self.check()

    @rule(is_lost=st.booleans())
    def cancel(self, is_lost: bool) -> None:  # noqa: FBT001  hypothesis passes it by name
        """The partner cancels; Goody's answer may be lost."""
        answer = self._ask("cancel", None, is_lost=is_lost)
        if self.truth in {Status.CREATED, Status.OPENED, Status.CANCELED}:
            assert answer.status_code == 200, answer.text
            self.truth = Status.CANCELED
        else:
            assert (answer.status_code, answer.get_json()["code"]) == (409, "already_accepted")
        if self.is_asked:
            self.read()
        self.check()

    @rule(is_lost=st.booleans(), days=st.integers(100, 103))
    def expire(self, is_lost: bool, days: int) -> None:  # noqa: FBT001  hypothesis passes it by name
        """The partner lets the gift expire at another moment, perhaps one that it was moved to before."""
        moment = (self.began + timedelta(days=days)).isoformat()
        answer = self._ask("expiration", {"expires_at": moment}, is_lost=is_lost)
        if moment == self.expires_at:
            assert answer.status_code == 200, "it is so already, whatever else became of it"
        elif self.truth in {Status.CREATED, Status.OPENED}:
            assert answer.status_code == 200, answer.text
            self.expires_at = moment
            self.moved += 1
        else:
            code = "order_canceled" if self.truth is Status.CANCELED else "already_accepted"
            assert (answer.status_code, answer.get_json()["code"]) == (409, code)
        if self.is_asked:
            self.read()
        self.check()

    def _ask(self, what: str, body: object, *, is_lost: bool) -> TestResponse:
        """Ask for a change. A fault is set only where Goody is asked for sure: it would wait for a later request."""
        passed_on = {"cancel": "cancel", "expiration": "update_expiration"}[what]
        path = f"/v1/orders/{self.order_id}/{passed_on}"
        if is_lost and self.known in CHANGEABLE:
            self.shop.goody.fail(kind="lost_answer", method="POST", path=path, count=1)
        before = self._asked(path)
        answer = self.shop.call("POST", f"/v1/orders/{self.order_id}/{what}", body)
        self.shop.goody.control("DELETE", "faults")
        self.is_asked = self._asked(path) > before
        return answer

    def _asked(self, path: str) -> int:
        return sum(request["path"] == path for request in self.shop.goody.requests)

    def read(self) -> None:
        """The order is learnt as it is. Nobody tells when Goody notifies a recipient: a second after it was created."""
        self.learn(self.truth)
        if self.truth is Status.CREATED and self._shown()["status"] == Status.NOTIFIED:
            self.learn(Status.NOTIFIED)

    def learn(self, told: Status) -> None:
        """The model's whole wisdom: forward only, and what lies on the way has happened."""
        if self.known in {Status.DELIVERED, Status.CANCELED}:
            return
        if told is Status.CANCELED:
            self.known = told
            self.road.add(told)
        elif ROAD.index(told) > ROAD.index(self.known):
            self.known = told
            self.road |= set(ROAD[: ROAD.index(told) + 1])
            self.knows_link = self.knows_link or told in PAYABLE

    def check(self) -> None:
        """The order, its events and its timeline are the model's."""
        shown = self._shown()
        assert shown["status"] == self.known
        assert (shown["payment_link"] is not None) == (self.known in PAYABLE)
        assert (shown["refunded_at"] is not None) == self.knows_refund
        assert shown["is_swapped"] == (self.is_swapped and ROAD_OF[self.known] >= ROAD_OF[Status.PENDING_PAYMENT])
        assert shown["expires_at"] == self.expires_at
        expected = Counter(TOLD_OF[status] for status in self.road if status in TOLD_OF)
        expected["order.payment_link_ready"] = int(self.knows_link)
        expected["order.refunded"] = int(self.knows_refund)
        assert self._events() == +expected
        steps = self.shop.call("GET", f"/v1/orders/{self.order_id}/timeline").get_json()["data"]
        moved = [step["step"] for step in steps if not step["is_late"] and step["step"] in set(Status)]
        assert sorted(moved) == sorted(self.road)
        assert [step for step in moved if step != Status.CANCELED] == [step for step in ROAD if step in moved]
        assert sum(step["step"] == "expiration_changed" for step in steps) == self.moved
        late = [step["step"] for step in steps if step["is_late"]]
        assert len(late) == len(set(late))

    def _shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = self.shop.call("GET", f"/v1/orders/{self.order_id}").get_json()
        return shown

    def _events(self) -> Counter[str]:
        events = self.shop.call("GET", f"/v1/events?limit=100&after={self.after}").get_json()["data"]
        return Counter(event["type"] for event in events if event["data"].get("id") == self.order_id)


ADDRESS: Final = {
    "address_1": "1 Main St", "city": "New York", "state": "NY", "postal_code": "10022", "country": "US"
}  # fmt: skip
ROAD_OF: Final[dict[Status, int]] = {**{status: place for place, status in enumerate(ROAD)}, Status.CANCELED: -1}


@pytest.fixture
def modelled(shop: Shop) -> type[OrderLife]:
    """The machine over this shop."""

    class OrderLifeOfShop(OrderLife):
        pass

    OrderLifeOfShop.shop = shop
    return OrderLifeOfShop


def test_an_order_is_what_was_told_of_it(modelled: type[OrderLife]) -> None:
    run_state_machine_as_test(
        modelled,
        settings=settings(
            max_examples=6,
            stateful_step_count=14,
            # Each step takes requests: a failure is told at once, not made smaller for minutes.
            phases=[Phase.generate],
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )

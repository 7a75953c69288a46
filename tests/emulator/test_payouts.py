"""Revenue shares that are paid by bank transfer."""

from collections.abc import Iterator

import pytest

from .partner import STORED, Json, Partner, partner_of
from .program import running
from .sales import earning, entries, excluded, first_of_month, freeze, post, sold

PAYOUTS = "/_emulator/payouts"


@pytest.fixture(scope="module")
def calendar_url() -> Iterator[str]:
    with running("--products", "240") as url:
        yield url


@pytest.fixture
def later(calendar_url: str) -> Iterator[Partner]:
    """A partner of an emulator whose clock stands still, and is the test's to move."""
    with partner_of(calendar_url) as partner:
        yield partner


def _amounts(found: Json) -> list[int]:
    return [each["amount"] for each in found["data"]]


def test_a_payout_is_of_what_has_been_recorded(partner: Partner) -> None:
    assert partner.get(PAYOUTS) == {"data": [], "unpaid": 0}
    orders = [sold(partner, earning(partner)) for _ in range(2)]
    shares = entries(partner)
    total = sum(each["amount"] for each in shares)
    assert partner.get(PAYOUTS) == {"data": [], "unpaid": total}
    found = post(partner, PAYOUTS)
    [payout] = found["data"]
    assert (payout["amount"], found["unpaid"]) == (total, 0)
    assert [each["order_id"] for each in payout["entries"]] == [order["id"] for order in orders]
    assert payout["entries"] == [{**each, "payout_id": payout["id"]} for each in shares]
    assert post(partner, PAYOUTS, 200) == found == partner.get(PAYOUTS)


def test_a_refund_lessens_the_next_payout(partner: Partner) -> None:
    one = sold(partner, earning(partner))
    [paid] = post(partner, PAYOUTS)["data"]
    share = paid["amount"]
    partner.step(one["id"], "refund")
    assert post(partner, PAYOUTS, 200)["unpaid"] == -share
    sold(partner, earning(partner))
    assert post(partner, PAYOUTS, 200)["unpaid"] == 0
    sold(partner, earning(partner))
    found = post(partner, PAYOUTS)
    assert (_amounts(found), found["unpaid"]) == ([share, share], 0)
    assert [each["amount"] for each in found["data"][1]["entries"]] == [-share, share, share]


def test_stored_value_is_never_paid_out(partner: Partner) -> None:
    sold(partner, earning(partner), STORED)
    assert post(partner, PAYOUTS, 200) == {"data": [], "unpaid": 0}


def test_nothing_earned_is_nothing_paid(partner: Partner) -> None:
    sold(partner, excluded(partner))
    [entry] = entries(partner)
    assert (entry["amount"], entry["base_amount"]) == (0, 0)
    assert entry["excluded_amount"] > 0
    assert post(partner, PAYOUTS, 200) == {"data": [], "unpaid": 0}


def test_apps_are_paid_apart(calendar_url: str) -> None:
    with partner_of(calendar_url) as one, partner_of(calendar_url) as other:
        sold(one, earning(one))
        sold(other, earning(other))
        assert post(one, PAYOUTS)["unpaid"] == 0
        assert other.get(PAYOUTS)["data"] == []
        nobody = {"Authorization": ""}
        found = one.http.post(PAYOUTS, headers=nobody).json()
        apps = [each["app"] for each in found["data"]]
        assert {one.get("/v1/me")["public_app_id"], other.get("/v1/me")["public_app_id"]} <= set(apps)
        assert other.get(PAYOUTS)["unpaid"] == 0


def test_the_first_of_the_month_pays_what_came_before(later: Partner) -> None:
    paydays = [f"{first_of_month(later, ahead)}T00:00:00Z" for ahead in range(1, 6)]
    product = earning(later)
    share = sold(later, product) and entries(later)[0]["amount"]
    assert later.get(PAYOUTS) == {"data": [], "unpaid": share}
    freeze(later, paydays[0])
    sold(later, product)
    found = later.get(PAYOUTS)
    assert [(each["amount"], each["created_at"]) for each in found["data"]] == [(share, paydays[0])]
    assert found["unpaid"] == share
    freeze(later, paydays[4])
    sold(later, product)
    found = later.get(PAYOUTS)
    assert [each["created_at"] for each in found["data"]] == paydays[:2]
    assert (_amounts(found), found["unpaid"]) == ([share, share], share)
    assert later.get(PAYOUTS) == found


def test_a_debt_is_carried_over_the_months(later: Partner) -> None:
    payday, another = first_of_month(later, 1), first_of_month(later, 2)
    product = earning(later)
    order = sold(later, product)
    share = post(later, PAYOUTS)["data"][0]["amount"]
    later.step(order["id"], "refund")
    freeze(later, payday)
    assert later.get(PAYOUTS)["unpaid"] == -share
    for _ in range(3):
        sold(later, product)
    freeze(later, another)
    found = later.get(PAYOUTS)
    assert (_amounts(found), found["unpaid"]) == ([share, 2 * share], 0)
    assert found["data"][1]["created_at"] == f"{another}T00:00:00Z"

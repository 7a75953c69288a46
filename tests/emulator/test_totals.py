"""The number of all rows that a page of a list comes with, which is kept and not counted each time."""

import pytest

from .partner import Partner

FILTERS: list[dict[str, str]] = [
    {},
    {"statuses": "created"},
    {"statuses": "created,opened,created"},
    {"statuses": "delivered"},
]


def _agrees(partner: Partner, path: str, **asked: str) -> int:
    """The total, which is the number of rows."""
    found = partner.get(path, per_page=100, **asked)
    total: int = found["list_meta"]["total_count"]
    assert total == len(found["data"]) == partner.get(path, per_page=1, **asked)["list_meta"]["total_count"]
    return total


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_activities_in_any_period(partner: Partner, wanted: dict[str, str]) -> None:
    for _ in range(3):
        partner.step(partner.place_one(), "open")
    moments = [each["created_at"] for each in partner.get("/v1/order_activities")["data"]]
    _agrees(partner, "/v1/order_activities", **wanted)
    for moment in moments:
        after = _agrees(partner, "/v1/order_activities", after=moment, **wanted)
        before = _agrees(partner, "/v1/order_activities", before=moment, **wanted)
        both = _agrees(partner, "/v1/order_activities", after=moment, before=moment, **wanted)
        assert after + before - both == _agrees(partner, "/v1/order_activities", **wanted)


def test_what_is_forgotten_or_late_is_not_counted(partner: Partner) -> None:
    lists = ("/v1/orders", "/v1/order_batches", "/v1/order_activities")
    for _ in range(2):
        partner.place(recipients=[{"first_name": name} for name in "ABC"])
    assert [_agrees(partner, path) for path in lists] == [6, 2, 6]
    assert partner.get("/_emulator/orders", per_page=1)["list_meta"]["total_count"] == 6
    assert partner.http.put("/_emulator/quirks", json={"quirks": ["late-listing"]}).status_code == 200
    assert [_agrees(partner, path) for path in lists] == [0, 0, 6]
    assert partner.http.post("/_emulator/reset").status_code == 204
    assert [_agrees(partner, path) for path in lists] == [0, 0, 0]

"""A catalog that changes while it is being paged through."""

from collections import Counter
from itertools import count

import pytest

from .crawling import crawl, ids
from .partner import Json, Partner, partner_of
from .program import running

PATH = "/_emulator/catalog/drift"
CHANGES = "/_emulator/catalog/changes"


def _drift(partner: Partner, **drifting: str | int) -> Json:
    answer = partner.http.put(PATH, json=drifting)
    assert answer.status_code == 200, answer.text
    begun: Json = answer.json()
    return begun


def _pages(partner: Partner, **params: str) -> tuple[list[list[str]], list[int]]:
    """Crawl as a client does, to the first empty page: the ids of each page, and what each said of the total."""
    pages: list[list[str]] = []
    totals: list[int] = []
    for number in count(1):
        listed = partner.get("/v1/products", page=number, per_page=100, **params)
        totals.append(listed["list_meta"]["total_count"])
        if not listed["data"]:
            return pages, totals
        pages.append(ids(listed["data"]))
    raise AssertionError


def _moved(partner: Partner) -> list[str]:
    return [product_id for step in partner.get(PATH)["latest"] for product_id in step["product_ids"]]


def test_removals_make_a_crawl_skip_products(partner: Partner) -> None:
    before = ids(crawl(partner))
    _drift(partner, action="remove", every=2, count=3, times=4)
    pages, totals = _pages(partner)
    seen = [product_id for page in pages for product_id in page]
    removed = _moved(partner)
    assert len(removed) == len(set(removed)) == 12
    assert set(removed) <= set(seen)  # They were on pages that had been served.
    assert totals == [1200] * 2 + [1197] * 2 + [1194] * 2 + [1191] * 2 + [1188] * 5
    assert max(Counter(seen).values()) == 1
    skipped = [product_id for product_id in before if product_id not in set(seen)]
    assert len(skipped) == 12
    assert not set(skipped) & set(removed)
    assert set(skipped) <= set(ids(crawl(partner)))


def test_insertions_make_a_crawl_repeat_products(partner: Partner) -> None:
    before = ids(crawl(partner))
    _drift(partner, action="insert", count=2, times=3)
    pages, totals = _pages(partner)
    counts = Counter(product_id for page in pages for product_id in page)
    added = _moved(partner)
    assert totals[:4] == [1200, 1202, 1204, 1206]
    assert len(set(added)) == 6
    assert not set(added) & set(before)
    assert sum(times - 1 for times in counts.values()) == 6
    assert set(counts) - set(added) == set(before)
    assert set(counts) - set(before) < set(added)
    assert set(added) <= set(ids(crawl(partner)))


def test_insertions_appear_in_the_list_that_is_paged(partner: Partner) -> None:
    filters = {"country_code": "CA", "use_custom_catalog": "true", "custom_catalog_show_inactive": "true"}
    before = set(ids(crawl(partner, **filters)))
    _drift(partner, action="insert", count=5, times=1)
    partner.get("/v1/products", per_page=10, **filters)
    listed = ids(crawl(partner, **filters))
    assert set(listed) - before == set(_moved(partner))
    assert len(listed) == len(before) + 5
    assert set(listed[:15]) - before == set(_moved(partner))


def test_reordering_skips_and_repeats_with_the_same_total(partner: Partner) -> None:
    before = ids(crawl(partner))
    _drift(partner, action="reorder", count=2, times=5)
    pages, totals = _pages(partner)
    counts = Counter(product_id for page in pages for product_id in page)
    assert set(totals) == {1200}
    assert len(_moved(partner)) == 10
    assert max(counts.values()) == 2
    assert sum(counts.values()) == 1200
    assert set(before) - set(counts)
    after = ids(crawl(partner))
    assert sorted(after) == sorted(before)
    assert after != before


def test_new_prices_leave_the_list_as_it_is(partner: Partner) -> None:
    before = {each["id"]: each for each in crawl(partner)}
    _drift(partner, action="reprice", every=3, count=4, times=2, seed=9)
    pages, totals = _pages(partner)
    assert [product_id for page in pages for product_id in page] == list(before)
    assert set(totals) == {1200}
    moved = _moved(partner)
    after = {each["id"]: each for each in crawl(partner)}
    assert {product_id for product_id in after if after[product_id] != before[product_id]} == set(moved)
    for product_id in moved:
        assert after[product_id]["price"] != before[product_id]["price"]
        assert after[product_id]["updated_at"] > before[product_id]["updated_at"]


def test_it_is_told_what_happened_after_which_page(partner: Partner) -> None:
    begun = _drift(partner, action="remove", every=2, times=2, seed=5)
    asked = {"action": "remove", "every": 2, "count": 1, "times": 2, "seed": 5}
    assert begun == asked | {"pages_served": 0, "times_done": 0, "latest": []}
    for page in (1, 2, 4, 7, 3, 9):
        partner.get("/v1/products", page=page, per_page=100)
    told = partner.get(PATH)
    assert (told["pages_served"], told["times_done"]) == (6, 2)
    assert [(step["pages_served"], step["page"]) for step in told["latest"]] == [(2, 2), (4, 7)]
    made = partner.get(CHANGES)["changes"]
    assert [each["product_id"] for each in made] == _moved(partner)
    assert {(each["action"], each["by_drift"]) for each in made} == {("remove", True)}


def test_only_pages_of_products_count(partner: Partner) -> None:
    _drift(partner, action="remove")
    for path in ("/v1/brands", "/v1/cards", "/v1/collections", f"/v1/products/{partner.plain['id']}"):
        told = partner.get(PATH)["pages_served"]
        partner.get(path)
        assert partner.get(PATH)["pages_served"] == told
    assert partner.http.get("/v1/products", params={"page": 0}).status_code == 400
    assert partner.get(PATH)["pages_served"] == 1


def test_the_same_seed_moves_the_same_products(emulator_url: str) -> None:
    moved = []
    for seed in (1, 1, 2):
        with partner_of(emulator_url) as partner:
            _drift(partner, action="remove", count=3, seed=seed)
            _pages(partner)
            moved.append(_moved(partner))
    assert moved[0] == moved[1] != moved[2]
    assert len(moved[0]) == 39


def test_when_it_ends_the_catalog_stays_as_it_is(partner: Partner, emulator_url: str) -> None:
    before = crawl(partner)
    _drift(partner, action="remove", count=2)
    partner.get("/v1/products")
    assert partner.http.delete(PATH).status_code == 204
    assert partner.http.get(PATH).status_code == 404
    assert len(crawl(partner)) == 1198
    with partner_of(emulator_url) as other:
        assert crawl(other) == before
    assert partner.http.delete(CHANGES).status_code == 204
    assert crawl(partner) == before


def test_a_reset_ends_it(partner: Partner) -> None:
    _drift(partner, action="remove")
    assert partner.http.post("/_emulator/reset").status_code == 204
    assert partner.http.get(PATH).status_code == 404


def test_putting_it_again_begins_anew(partner: Partner) -> None:
    _drift(partner, action="remove", times=1)
    partner.get("/v1/products")
    assert partner.get(PATH)["times_done"] == 1
    again = _drift(partner, action="insert")
    assert (again["action"], again["times"], again["times_done"]) == ("insert", None, 0)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"action": "explode"}, "Invalid enum value 'explode' - at `$.action`"),
        ({"action": "remove", "every": 0}, "Expected `int` >= 1 - at `$.every`"),
        ({"every": 1}, "Object missing required field `action`"),
        ({"action": "remove", "speed": 3}, "Object contains unknown field `speed`"),
    ],
)
def test_what_makes_no_sense_is_refused(partner: Partner, body: Json, text: str) -> None:
    answer = partner.http.put(PATH, json=body)
    assert (answer.status_code, answer.json()["detail"]) == (400, text)
    missing = partner.http.get(PATH)
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")


def test_everybodys_catalog_drifts_with_every_apps_pages_until_little_is_left() -> None:
    with running("--products", "5") as url, partner_of(url, "one") as one, partner_of(url, "two") as two:
        with partner_of(url) as operator:
            del operator.http.headers["Authorization"]
            _drift(operator, action="remove", count=2)
            totals = [each.get("/v1/products")["list_meta"]["total_count"] for each in (one, two, one, two, one)]
            assert totals == [5, 3, 1, 0, 0]
            assert operator.get(PATH)["times_done"] == 5
            assert [len(step["product_ids"]) for step in operator.get(PATH)["latest"]] == [2, 2, 1, 0, 0]
        assert one.http.get(PATH).status_code == 404  # It is not the app's own.
        assert one.get("/v1/brands")["list_meta"] == {"total_count": 0}

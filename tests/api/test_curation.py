"""Curation over REST: the draft, its preview, versions, collections and overrides; for the secret key alone."""

from typing import Any, Final

import pytest

from tests.api.answers import faults, problem
from tests.api.neighbours import second_app
from tests.shop import Shop

EMPTY: Final[dict[str, Any]] = {"default": "include", "rules": [], "collections": []}
CARDS: Final = {"name": "Cards", "when": {"gift_card": True}, "action": "exclude"}
CANDLES: Final[dict[str, Any]] = {
    "default": "include",
    "rules": [
        CARDS,
        {"name": "Candles", "when": {"text": {"any": ["candle"]}}, "collections": ["candles"], "tags": ["Cosy"]},
        {"name": "Nothing", "when": {"text": {"any": ["unobtainium"]}}},
    ],
    "collections": [
        {"handle": "home", "title": "Home"},
        {"handle": "candles", "title": "Candles", "parent": "home", "sort": "price"},
        {"handle": "moon", "title": "Moon", "when": {"text": {"any": ["unobtainium"]}}},
    ],
}
ABSENT: Final = "00000000-0000-4000-8000-000000000000"


def put(shop: Shop, document: object, **headers: str) -> Any:
    return shop.call("PUT", "/v1/curation", document, headers=headers)


def publish(shop: Shop, note: str | None = None) -> dict[str, Any]:
    response = shop.call("POST", "/v1/curation/publish", {"note": note})
    assert response.status_code == 201, response.text
    published: dict[str, Any] = response.get_json()
    return published


def preview(shop: Shop, **body: object) -> dict[str, Any]:
    response = shop.call("POST", "/v1/curation/preview", body)
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.get_json()
    return told


def an_id(shop: Shop, name: str = "candle") -> str:
    with shop.services.sessions.read() as session:
        found = session.connection().exec_driver_sql("SELECT id, raw FROM supplier_products ORDER BY id").all()
    return next(str(product_id) for product_id, raw in found if name in raw.casefold())


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/curation"),
        ("PUT", "/v1/curation"),
        ("POST", "/v1/curation/preview"),
        ("POST", "/v1/curation/publish"),
        ("GET", "/v1/curation/versions"),
        ("GET", "/v1/curation/versions/1"),
        ("GET", "/v1/curation/versions/1/compare"),
        ("POST", "/v1/curation/versions/1/restore"),
        ("GET", f"/v1/products/{ABSENT}/override"),
        ("PUT", f"/v1/products/{ABSENT}/override"),
        ("DELETE", f"/v1/products/{ABSENT}/override"),
        ("GET", "/v1/overrides"),
        ("POST", "/v1/collections"),
        ("PATCH", "/v1/collections/home"),
        ("DELETE", "/v1/collections/home"),
    ],
)
def test_only_the_secret_key_curates(shop: Shop, method: str, path: str) -> None:
    problem(shop.call(method, path, {}, key=shop.pk), 403, "forbidden")


def test_the_draft_is_read_changed_and_sent_back(shop: Shop) -> None:
    first = shop.call("GET", "/v1/curation")
    assert first.headers["ETag"] == '"0"'
    assert first.get_json() == {
        **EMPTY, "revision": 0, "updated_at": None, "overrides": 0, "version_in_force": None,
    }  # fmt: skip
    changed = put(shop, {**first.get_json(), "rules": [CARDS]}, **{"If-Match": '"0"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"1"')
    shown = shop.call("GET", "/v1/curation").get_json()
    assert shown["rules"] == [{**CARDS, "tags": [], "collections": [], "boost": 0}]
    problem(put(shop, EMPTY, **{"If-Match": '"0"'}), 412, "precondition_failed")
    assert shop.call("GET", "/v1/curation").get_json() == shown


def test_a_bad_document_is_refused_with_every_fault_and_nothing_changes(shop: Shop) -> None:
    bad = {
        "rules": [{"name": "A", "when": {"any": [{"price": {"min": "1"}}]}, "collections": ["nowhere"]}],
        "collections": [{"handle": "B!", "title": "B"}],
        "colour": 1,
    }
    assert faults(put(shop, bad)) == [
        ("/collections/0/handle", "bad_handle"),
        ("/colour", "unknown_field"),
        ("/default", "required"),
        ("/rules/0/collections/0", "unknown_collection"),
        ("/rules/0/when/any/0/price/min", "wrong_type"),
    ]
    assert faults(put(shop, [])) == [("", "wrong_type")]
    assert [pointer for pointer, _ in faults(put(shop, {}))] == ["/collections", "/default", "/rules"]
    assert shop.call("GET", "/v1/curation").headers["ETag"] == '"0"'


def test_a_preview_tells_what_would_change_and_writes_nothing(shop: Shop) -> None:
    put(shop, CANDLES)
    told = preview(shop, limit=3)
    assert told["revision"] == 1
    cards = told["rules"][0]["count"]
    assert told["present"] == told["before"]["products"] == told["after"]["products"] + cards
    assert cards > 0
    assert (told["entering"]["total"], told["leaving"]["total"]) == (0, cards)
    assert all("Card" in item["name"] for item in told["leaving"]["items"])
    candles = told["rules"][1]["count"]
    assert told["moving"]["total"] == candles
    assert told["moving"]["items"][0]["joins"] == ["candles", "home"]
    assert told["idle_rules"] == ["Nothing"]
    assert told["empty_collections"] == ["moon"]
    assert told["unmatched"]["total"] == told["after"]["products"] - candles
    assert len(told["unmatched"]["items"]) == 3
    rest = preview(shop, limit=1000, unmatched_after=told["unmatched"]["items"][-1]["id"])["unmatched"]
    assert len(rest["items"]) == rest["total"] - 3
    assert {each["handle"]: (each["before"], each["after"]) for each in told["collections"]} == {
        "home": (None, candles),
        "candles": (None, candles),
        "moon": (None, 0),
    }
    # Gift cards earn no share, so leaving them out raises what the others make up.
    assert told["after"]["revenue_share_part"] > told["before"]["revenue_share_part"]
    prices = list(told["after"]["prices"].values())
    assert prices == sorted(prices)
    assert shop.call("GET", "/v1/curation/versions").get_json()["data"] == []


def test_publishing_puts_the_draft_in_force(shop: Shop) -> None:
    put(shop, CANDLES)
    told = preview(shop)
    published = publish(shop, "First")
    assert (published["version"], published["note"]) == (1, "First")
    assert published["publication"]["left"] == told["leaving"]["total"]
    assert published["publication"]["products"] == told["after"]["products"]
    candle = an_id(shop)
    document = shop.call("GET", f"/v1/products/{candle}").get_json()
    assert document["tags"] == ["Cosy"]
    again = preview(shop)
    assert again["version_in_force"] == 1
    assert [again[name]["total"] for name in ("entering", "leaving", "moving")] == [0, 0, 0]
    assert shop.events()[-1]["type"] == "catalog.published"


def test_publishing_honours_the_draft_that_was_agreed_to_and_the_key(shop: Shop) -> None:
    put(shop, CANDLES)
    stale = shop.call("POST", "/v1/curation/publish", {}, headers={"If-Match": '"0"'})
    problem(stale, 412, "precondition_failed")
    headers = {"If-Match": '"1"', "Idempotency-Key": "once"}
    first = shop.call("POST", "/v1/curation/publish", {}, headers=headers)
    again = shop.call("POST", "/v1/curation/publish", {}, headers=headers)
    assert first.get_json() == again.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.headers["Location"] == "/v1/curation/versions/1"
    assert len(shop.call("GET", "/v1/curation/versions").get_json()["data"]) == 1


def test_while_a_sync_is_under_way_publishing_is_a_conflict(shop: Shop) -> None:
    lease = {"name": f"catalog_sync:{shop.app_id}", "holder": "run_other", "until": "2999-01-01 00:00:00.000000"}
    shop.execute("DELETE FROM leases")
    shop.execute("INSERT INTO leases (name, holder, held_until) VALUES (:name, :holder, :until)", **lease)
    refused = shop.call("POST", "/v1/curation/publish", {})
    problem(refused, 409, "conflict")
    assert int(refused.headers["Retry-After"]) > 0
    assert shop.call("GET", "/v1/curation/versions").get_json()["data"] == []


def test_versions_are_listed_shown_compared_and_restored(shop: Shop) -> None:
    candle = an_id(shop)
    put(shop, CANDLES)
    publish(shop, "One")
    put(shop, {**EMPTY, "default": "exclude", "rules": [{**CARDS, "action": "include"}]})
    shop.call("PUT", f"/v1/products/{candle}/override", {"title": "Light"})
    publish(shop, "Two")
    page = shop.call("GET", "/v1/curation/versions?limit=1").get_json()
    assert [each["version"] for each in page["data"]] == [2]
    rest = shop.call("GET", f"/v1/curation/versions?cursor={page['next_cursor']}").get_json()
    assert [(each["version"], each["note"]) for each in rest["data"]] == [(1, "One")]
    whole = shop.call("GET", "/v1/curation/versions/2").get_json()
    assert whole["overrides"] == {candle: {"title": "Light"}}
    told = shop.call("GET", "/v1/curation/versions/1/compare?with=2").get_json()
    assert told["is_same"] is False
    assert told["default"] == {"before": "include", "after": "exclude"}
    assert told["rules"]["removed"] == {"total": 2, "items": ["Candles", "Nothing"]}
    assert told["rules"]["changed"]["items"] == [
        {"name": "Cards", "fields": {"action": {"before": "exclude", "after": "include"}}}
    ]
    assert told["collections"]["removed"]["total"] == 3
    assert told["overrides"]["added"]["items"] == [candle]
    assert shop.call("GET", "/v1/curation/versions/2/compare").get_json()["is_same"] is True
    restored = shop.call("POST", "/v1/curation/versions/1/restore").get_json()
    assert restored["restored_version"] == 1
    assert "publish" in restored["detail"]
    assert [rule["name"] for rule in restored["draft"]["rules"]] == ["Cards", "Candles", "Nothing"]
    assert restored["draft"]["overrides"] == 0
    assert restored["draft"]["version_in_force"] == 2
    assert shop.call("GET", "/v1/curation/versions/1/compare").get_json()["is_same"] is True


def test_what_is_not_there_is_404(shop: Shop) -> None:
    for method, path in (
        ("GET", "/v1/curation/versions/1"),
        ("GET", "/v1/curation/versions/1/compare"),
        ("POST", "/v1/curation/versions/1/restore"),
        ("GET", f"/v1/curation/versions/{2**62}"),
        ("GET", f"/v1/products/{ABSENT}/override"),
        ("DELETE", f"/v1/products/{ABSENT}/override"),
        ("PATCH", "/v1/collections/nowhere"),
        ("DELETE", "/v1/collections/nowhere"),
    ):
        problem(shop.call(method, path, {} if method == "PATCH" else None), 404, "not_found")
    assert faults(shop.call("GET", "/v1/curation/versions?cursor=x")) == [("/cursor", "bad_cursor")]


def test_nothing_of_another_app_is_visible(shop: Shop) -> None:
    other = second_app(shop)
    candle = an_id(shop)
    put(shop, CANDLES)
    shop.call("PUT", f"/v1/products/{candle}/override", {"title": "Light"})
    publish(shop)
    for path in ("/v1/curation/versions/1", f"/v1/products/{candle}/override"):
        problem(shop.call("GET", path, key=other.secret_key), 404, "not_found")
    assert shop.call("GET", "/v1/curation", key=other.secret_key).get_json()["collections"] == []
    assert shop.call("GET", "/v1/overrides", key=other.secret_key).get_json()["data"] == []
    # An app that was never synced can be curated; its first sync publishes under that.
    made = shop.call("POST", "/v1/curation/publish", {}, key=other.secret_key).get_json()
    assert (made["version"], made["publication"]) == (1, None)


def test_collections_of_the_draft_are_edited_one_by_one(shop: Shop) -> None:
    made = shop.call("POST", "/v1/collections", {"handle": "home", "title": "Home"})
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    assert made.get_json()["sort"] == "featured"
    child = {"handle": "cosy", "title": "Cosy", "parent": "home", "pins": [ABSENT]}
    assert shop.call("POST", "/v1/collections", child).status_code == 201
    bad = {"handle": "home", "title": "", "parent": "cosy", "sort": "random"}
    assert faults(shop.call("POST", "/v1/collections", bad)) == [
        ("/handle", "duplicate_handle"),
        ("/parent", "nested_too_deep"),
        ("/sort", "unknown_choice"),
        ("/title", "blank"),
    ]
    assert faults(shop.call("PATCH", "/v1/collections/cosy", {"handle": "x"})) == [("/handle", "read_only")]
    # Were home in cosy, cosy's own parent would be one too many.
    deep = shop.call("PATCH", "/v1/collections/home", {"parent": "cosy"})
    assert faults(deep) == [("", "nested_too_deep"), ("/parent", "nested_too_deep")]
    assert faults(shop.call("PATCH", "/v1/collections/cosy", {"limit": 0})) == [("/limit", "out_of_range")]
    stale = shop.call("PATCH", "/v1/collections/cosy", {"limit": 2}, headers={"If-Match": '"1"'})
    problem(stale, 412, "precondition_failed")
    changed = shop.call("PATCH", "/v1/collections/cosy", {"limit": 2, "parent": None})
    assert (changed.get_json()["limit"], changed.get_json()["parent"]) == (2, None)
    put(shop, {**shop.call("GET", "/v1/curation").get_json(), "rules": [
        {"name": "Into", "when": {"always": True}, "collections": ["cosy"]}]})  # fmt: skip
    refused = problem(shop.call("DELETE", "/v1/collections/cosy"), 409, "conflict")
    assert "rule 'Into'" in refused["detail"]
    assert shop.call("DELETE", "/v1/collections/home").status_code == 204
    assert [each["handle"] for each in shop.call("GET", "/v1/curation").get_json()["collections"]] == ["cosy"]


def test_overrides_show_through_when_they_are_published(shop: Shop) -> None:
    candle = an_id(shop)
    before = shop.call("GET", f"/v1/products/{candle}").get_json()
    path = f"/v1/products/{candle}/override"
    plain = shop.call("GET", path)
    assert "ETag" not in plain.headers
    assert (plain.get_json()["override"], plain.get_json()["is_present"]) == (None, True)
    pictures = [image["id"] for image in before["images"]][::-1]
    made = shop.call("PUT", path, {"title": "Light", "description": "Ours", "images": pictures, "featured_rank": 1})
    assert made.status_code == 200, made.text
    assert made.get_json()["supplied"]["title"] == before["name"]
    assert shop.call("GET", f"/v1/products/{candle}").get_json() == before
    assert set(shop.call("GET", path).get_json()["layers"].values()) == {"supplier", "curation", "derived"}
    assert shop.call("GET", path).get_json()["layers"]["name"] == "supplier"
    publish(shop)
    shown = shop.call("GET", f"/v1/products/{candle}").get_json()
    assert (shown["name"], shown["recipient_description"], shown["subtitle"]) == ("Light", "Ours", before["subtitle"])
    assert [image["id"] for image in shown["images"]] == pictures
    layers = shop.call("GET", path).get_json()["layers"]
    assert layers.keys() == shown.keys()
    assert {name for name, layer in layers.items() if layer == "curation"} >= {
        "name",
        "recipient_description",
        "images",
    }
    assert layers["subtitle"] == layers["price"] == "supplier"


def test_an_override_is_guarded_by_its_tag(shop: Shop) -> None:
    path = f"/v1/products/{an_id(shop)}/override"
    problem(shop.call("PUT", path, {"hidden": True}, headers={"If-Match": '"1"'}), 412, "precondition_failed")
    tag = shop.call("PUT", path, {"hidden": True}).headers["ETag"]
    assert shop.call("GET", path).headers["ETag"] == tag
    shop.clock.advance(seconds=1)
    assert shop.call("PUT", path, {"hidden": False}, headers={"If-Match": tag}).status_code == 200
    problem(shop.call("PUT", path, {"hidden": True}, headers={"If-Match": tag}), 412, "precondition_failed")
    problem(shop.call("DELETE", path, headers={"If-Match": tag}), 412, "precondition_failed")
    assert shop.call("DELETE", path).status_code == 204
    bad = {"title": "", "hidden": "no", "rank": 1}
    assert faults(shop.call("PUT", path, bad)) == [
        ("/hidden", "wrong_type"), ("/rank", "unknown_field"), ("/title", "blank"),
    ]  # fmt: skip


def test_overrides_are_listed_and_the_stale_ones_among_them(shop: Shop) -> None:
    candle, cookie = an_id(shop), an_id(shop, "cookie")
    for product_id in (candle, cookie, ABSENT):
        made = shop.call("PUT", f"/v1/products/{product_id}/override", {"title": "Ours"})
        assert made.get_json()["is_present"] is (product_id != ABSENT)
    shop.execute("UPDATE supplier_products SET raw = replace(raw, '\"name\":', '\"name\":\"X\",\"n\":') WHERE id = :id",
                 id=cookie)  # fmt: skip
    page = shop.call("GET", "/v1/overrides?limit=2").get_json()
    rest = shop.call("GET", f"/v1/overrides?limit=2&cursor={page['next_cursor']}").get_json()
    listed = [each["product_id"] for each in page["data"] + rest["data"]]
    assert listed == sorted([candle, cookie, ABSENT])
    assert rest["next_cursor"] is None
    (stale,) = shop.call("GET", "/v1/overrides?stale=true").get_json()["data"]
    assert stale["product_id"] == cookie
    assert [(each["field"], each["now"]) for each in stale["stale"]] == [("title", "X")]
    assert preview(shop)["stale_overrides"] == 1

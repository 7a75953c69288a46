"""Collections: what recipients may choose from, and the gift of choice."""

from .crawling import crawl, ids
from .partner import Json, Partner

VARIABLE = "Holiday Table"


def _collections(partner: Partner) -> dict[str, Json]:
    return {each["title"]: each for each in crawl(partner, "/v1/collections", 2)}


def _products(collection: Json) -> list[Json]:
    categories = collection["published_version"]["collection_categories"]
    return [member["product"] for category in categories for member in category["collection_products"]]


def test_collections_belong_to_the_workspace_published_or_not(partner: Partner) -> None:
    collections = _collections(partner)
    workspace = partner.get("/v1/workspaces")["data"][0]["id"]
    assert {each["workspace_id"] for each in collections.values()} == {workspace}
    assert len(collections) == len(set(ids(list(collections.values())))) == 6
    unpublished = [each for each in collections.values() if not each["is_published"]]
    assert len(unpublished) == 2
    for each in unpublished:
        assert (each["published_price"], each["product"], each["published_version"]) == (None, None, None)


def test_only_the_published_ones_when_asked_for(partner: Partner) -> None:
    published = partner.get("/v1/collections", published="true")
    assert published["list_meta"] == {"total_count": 4}
    assert [each["is_published"] for each in published["data"]] == [True] * 4
    assert partner.get("/v1/collections", published="false")["list_meta"] == {"total_count": 6}
    answer = partner.http.get("/v1/collections", params={"published": "perhaps"})
    assert (answer.status_code, answer.json()) == (400, {"error": "published must be true or false"})
    assert partner.http.get("/v1/collections", params={"page": 0}).status_code == 400


def test_what_is_in_a_collection_is_shown_by_its_id_only(partner: Partner) -> None:
    listed = partner.get("/v1/collections", published="true")["data"]
    assert not any("collection_categories" in each["published_version"] for each in listed)
    for each in listed:
        shown = partner.get(f"/v1/collections/{each['id']}")
        categories = shown["published_version"].pop("collection_categories")
        assert shown == each
        assert [category["position"] for category in categories] == list(range(1, len(categories) + 1))
        assert [category["is_featured"] for category in categories] == [True] + [False] * (len(categories) - 1)
        assert all(category["collection_products"] for category in categories)


def test_every_way_to_select_is_there(partner: Partner) -> None:
    versions = [each["published_version"] for each in _collections(partner).values() if each["is_published"]]
    modes = {
        each["multiple_select_mode"]: (each["multiple_select_count"], each["multiple_select_price"])
        for each in versions
    }
    assert modes["disabled"] == (None, None)
    assert modes["item_count"] == (2, None)
    assert modes["max_price"][0] is None
    assert modes["max_price"][1] >= 1500


def test_a_gift_collection_costs_as_much_as_the_dearest_thing_in_it(partner: Partner) -> None:
    gifts = [each for each in _collections(partner).values() if each["product"]]
    assert len(gifts) == 3
    for gift in gifts:
        goods = _products(partner.get(f"/v1/collections/{gift['id']}"))
        assert max(each["price"] + each["brand"]["shipping_price"] for each in goods) <= gift["published_price"]
        assert gift["published_price"] == gift["product"]["price"] >= 1500
        assert gift["product"]["brand"]["shipping_price"] == 0
        assert "commerce_revshare_excluded" not in gift["product"]["brand"]


def test_its_product_is_known_by_id_and_never_listed(partner: Partner) -> None:
    gifts = [each["product"] for each in _collections(partner).values() if each["product"]]
    listed = set(ids(crawl(partner, custom_catalog_show_inactive="true")))
    brands = set(ids(crawl(partner, "/v1/brands")))
    for gift in gifts:
        shown = partner.get(f"/v1/products/{gift['id']}")
        assert shown["brand"].pop("commerce_revshare_excluded") is False
        assert shown == gift
        assert gift["id"] not in listed
        assert gift["brand"]["id"] not in brands
        assert partner.http.get(f"/v1/products/{gift['id']}?use_custom_catalog=true").status_code == 404
        assert gift["name"] in partner.http.get(gift["images"][0]["image_large"]["url"]).text


def test_one_published_collection_has_no_product(partner: Partner) -> None:
    without = [each for each in _collections(partner).values() if each["is_published"] and not each["product"]]
    assert [(each["title"], each["published_price"]) for each in without] == [("New Parents", None)]
    assert without[0]["published_version"]["header_image"] is None


def test_the_gift_of_choice_can_be_ordered(partner: Partner) -> None:
    gift = _collections(partner)["Office Welcome"]["product"]
    item = {"product_id": gift["id"], "quantity": 1}
    order = partner.place(cart={"items": [item]})["orders_preview"][0]
    assert order["amounts"]["amount_product"] == gift["price"]
    assert order["amounts"]["amount_shipping"] == 0


def test_the_sender_sets_the_price_of_one_from_fifteen_dollars(partner: Partner) -> None:
    gift = _collections(partner)[VARIABLE]["product"]
    assert (gift["price_is_variable"], gift["price_min"]) == (True, 1500)
    item = {"product_id": gift["id"], "quantity": 1, "variable_price": 1499}
    assert "1500" in partner.refused(partner.wish(cart={"items": [item]}))
    order = partner.place(cart={"items": [item | {"variable_price": 1500}]})["orders_preview"][0]
    assert order["amounts"]["amount_product"] == 1500


def test_changes_reach_collections(partner: Partner) -> None:
    office = _collections(partner)["Office Welcome"]
    path = f"/v1/collections/{office['id']}"
    first, second = _products(partner.get(path))[:2]
    changes = [
        {"action": "remove", "product_id": first["id"]},
        {"action": "deactivate", "product_id": second["id"]},
        {"action": "reprice", "product_id": office["product"]["id"], "price": 99_00},
    ]
    before = len(_products(partner.get(path)))
    assert partner.http.post("/_emulator/catalog/changes", json={"changes": changes}).status_code == 201
    after = partner.get(path)
    left = ids(_products(after))
    assert not {first["id"], second["id"]} & set(left)
    assert len(left) < before
    assert after["published_price"] == after["product"]["price"] == 99_00


def test_an_unknown_collection(partner: Partner) -> None:
    answer = partner.http.get("/v1/collections/nope")
    assert (answer.status_code, answer.json()) == (404, {"error": "Collection not found"})


def test_a_header_is_a_picture_of_its_title(partner: Partner) -> None:
    header = _collections(partner)["Office Welcome"]["published_version"]["header_image"]
    picture = partner.http.get(header["url"])
    assert (header["width"], header["height"]) == (1600, 400)
    assert "Office Welcome" in picture.text
    assert 'width="1600" height="400"' in picture.text

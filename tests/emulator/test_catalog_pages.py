"""Products in a browser: what a product_url leads to."""

import pytest
from markupsafe import escape

from .partner import Partner

PATH = "/_emulator/catalog/changes"


def _url(partner: Partner, product_id: str) -> str:
    return f"{partner.http.base_url}/products/{product_id}".replace("//products", "/products")


def test_a_product_has_a_page_that_needs_no_key(partner: Partner) -> None:
    product = partner.product(lambda each: each["variants"] and each["brand"]["shipping_price"] % 100 == 0)
    del partner.http.headers["Authorization"]
    answer = partner.http.get(_url(partner, product["id"]))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    dollars = f"${product['price'] // 100:,}.{product['price'] % 100:02d}"
    for shown in (f"<h1>{escape(product['name'])}</h1>", dollars, product["id"]):
        assert shown in answer.text
    assert partner.http.get(f"/images/products/{product['id']}/view1-1200x1200.svg").status_code == 200


@pytest.mark.parametrize("ending", ["", "/", "?utm_source=mail", "/?a=b/c", "#top"])
def test_a_gift_is_ordered_by_the_address_of_its_page(partner: Partner, ending: str) -> None:
    product = partner.plain
    url = _url(partner, product["id"]) + ending
    assert partner.http.get(url).status_code == 200
    placed = partner.place(cart={"items": [{"product_url": url, "quantity": 1}]})
    assert placed["cart"]["items"][0]["product"]["id"] == product["id"]


def test_another_address_is_refused(partner: Partner) -> None:
    url = _url(partner, "nope") + "/?x=1"
    cart = {"items": [{"product_url": url, "quantity": 1}]}
    assert partner.refused(partner.wish(cart=cart)) == f"Product not found: {url}"
    lost = partner.http.get("/products/nope")
    assert (lost.status_code, "There is nothing here" in lost.text) == (404, True)


def test_what_one_app_changes_is_not_on_everybodys_page_but_what_it_added_has_one(partner: Partner) -> None:
    product = partner.plain
    changes = [
        {"action": "remove", "product_id": product["id"]},
        {"action": "add", "name": "<b>Lantern</b>", "price": 4321},
    ]
    added = partner.http.post(PATH, json={"changes": changes}).json()["changes"][1]
    assert partner.http.get(_url(partner, product["id"])).status_code == 200
    page = partner.http.get(_url(partner, added["product_id"]))
    assert "&lt;b&gt;Lantern&lt;/b&gt;</h1>" in page.text
    assert "$43.21" in page.text
    partner.http.delete(PATH)
    assert partner.http.get(_url(partner, added["product_id"])).status_code == 404


def test_an_inactive_product_says_so(partner: Partner) -> None:
    listed = {each["id"] for each in partner.products}
    shown = partner.get("/v1/products", per_page=100, custom_catalog_show_inactive="true")["data"]
    idle = next(each for each in shown if each["id"] not in listed)
    assert "inactive" in partner.http.get(_url(partner, idle["id"])).text
    assert "inactive" not in partner.http.get(_url(partner, partner.plain["id"])).text

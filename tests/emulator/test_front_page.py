"""The list of orders to click through."""

from .browsing import read_page
from .partner import STORED, Partner, partner_of
from .program import running


def test_an_empty_list_says_so() -> None:
    with running("--products", "12", "--seed", "3") as url, partner_of(url) as partner:
        text = read_page(partner.http.get("/").text).text
    assert "12 invented products, seed 3" in text
    assert "None yet." in text


def test_a_sale_can_be_clicked_through(partner: Partner) -> None:
    order_id = partner.place_one(payment_method_id=STORED, expires_at="2099-01-01T00:00:00Z")
    link = partner.get(f"/v1/orders/{order_id}")["individual_gift_link"]
    buttons = [f"/orders/{order_id}/ship", f"/orders/{order_id}/deliver"]
    page = read_page(partner.http.get("/").text)
    assert any(link.endswith(each) for each in page.links if each.startswith("/gift/"))
    assert not {*buttons} & {*page.links}
    partner.accept(order_id)
    for button in buttons:
        assert button in read_page(partner.http.get("/").text).links
        answer = partner.http.post(button)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "delivered"
    assert partner.http.post(buttons[0]).status_code == 303  # too late: nothing happens
    assert partner.get(f"/v1/orders/{order_id}")["status"] == "delivered"


def test_a_payment_link_is_listed_once_there_is_one(partner: Partner) -> None:
    order = partner.accept(partner.place_one())
    links = read_page(partner.http.get("/").text).links
    assert any(order["payment_link"].endswith(each) for each in links if each.startswith("/checkout"))


def test_an_unknown_order_is_a_page(partner: Partner) -> None:
    answer = partner.http.post("/orders/nope/ship")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")

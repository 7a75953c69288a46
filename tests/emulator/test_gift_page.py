"""The recipient's page, by forms alone."""

import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from .browsing import TYPED, Page, read_page
from .partner import STORED, Json, Partner


def _gift(partner: Partner, product: Json | None = None, quantity: int = 1, **changes: str) -> Json:
    cart = {"items": [{"product_id": (product or partner.plain)["id"], "quantity": quantity}]}
    order: Json = partner.place(cart=cart, **changes)["orders_preview"][0]
    return order


def _see(partner: Partner, path: str) -> Page:
    answer = partner.http.get(path)
    assert answer.status_code == 200
    return read_page(answer.text)


def _post(partner: Partner, order: Json, typed: Json) -> httpx.Response:
    return partner.http.post(order["individual_gift_link"], data=typed)


def _refused(partner: Partner, order: Json, **changes: str) -> Page:
    answer = _post(partner, order, TYPED | changes)
    assert answer.status_code == 200
    assert partner.get(f"/v1/orders/{order['id']}")["event_times"]["accepted_at"] is None
    return read_page(answer.text)


def _three(partner: Partner) -> Json:
    return partner.product(lambda each: each["variants_num_selectable"] == 3 and not each["restricted_states"])


def test_the_first_view_opens_the_gift_and_no_other_get_changes_anything(partner: Partner) -> None:
    order = _gift(partner)
    link = order["individual_gift_link"]
    assert partner.http.head(link).status_code == 200
    assert partner.get(f"/v1/orders/{order['id']}")["view_count_recipient"] == 0
    page = _see(partner, link)
    assert "Bo sent you a gift" in page.text
    assert partner.plain["name"] in page.text
    opened = partner.get(f"/v1/orders/{order['id']}")
    assert (opened["status"], opened["view_count_recipient"]) == ("opened", 1)
    for path in (link, f"{link}/swap", f"{link}/swap?q=tea&page=2", f"{link}?item={partner.plain['id']}:1", "/"):
        _see(partner, path)
    assert partner.get(f"/v1/orders/{order['id']}") == opened


def test_every_field_has_a_label_and_nothing_comes_from_elsewhere(partner: Partner) -> None:
    product = _three(partner)
    order = partner.place(
        cart={"items": [{"product_id": product["id"], "quantity": 2}]}, card_id=partner.card_id, message="Oh <b>you</b>"
    )["orders_preview"][0]
    answer = partner.http.get(order["individual_gift_link"])
    page = read_page(answer.text)
    assert "Oh <b>you</b>" in page.text
    assert (
        page.labelled == set(page.fields) == {*TYPED, *(f"variant-0-{unit}-{n}" for unit in (0, 1) for n in range(3))}
    )
    assert page.fields["first_name"] == "Ada"
    assert len(page.sources) == 2
    assert all(each.startswith("/") for each in [*page.sources, *page.links])
    assert (page.scripts, page.styles) == (0, 0)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    for path in page.sources:
        assert partner.http.get(path).headers["content-type"].startswith("image/svg+xml")
    for path in ("/static/emulator.css", "/static/icon.svg"):
        assert partner.http.get(path).status_code == 200


def test_accepting_with_choices_for_every_unit(partner: Partner) -> None:
    product = _three(partner)
    names = [each["name"] for each in product["variants"]]
    order = _gift(partner, product, quantity=2)
    chosen = {f"variant-0-{unit}-{n}": names[unit + n] for unit in (0, 1) for n in range(3)}
    answer = _post(partner, order, TYPED | chosen)
    assert (answer.status_code, answer.headers["location"]) == (303, httpx.URL(order["individual_gift_link"]).path)
    accepted = partner.get(f"/v1/orders/{order['id']}")
    assert accepted["status"] == "pending_payment"
    assert [each["variants"] for each in accepted["cart_selections"]] == [names[:3], names[1:4]]
    assert "The gift is yours" in _see(partner, order["individual_gift_link"]).text
    assert _post(partner, order, TYPED).status_code == 303  # again: nothing more happens
    assert partner.get(f"/v1/orders/{order['id']}") == accepted


@pytest.mark.parametrize(
    ("name", "typed", "error"),
    [
        ("first_name", "  ", "First name is needed."),
        ("address_1", "", "Street address is needed."),
        ("city", "", "City is needed."),
        ("city", "x" * 121, "City can have 120 characters at most."),
        ("address_2", "x" * 121, "Apartment, suite can have 120 characters at most."),
        ("state", "", "State is needed."),
        ("state", "ZZ", "Choose a state of the list."),
        ("postal_code", "", "ZIP code is needed."),
        ("postal_code", "1002", "A ZIP code is five digits, like 10022."),
        ("postal_code", "١٠٠٢٢", "A ZIP code is five digits, like 10022."),
    ],
)
def test_an_error_stands_beside_its_field_and_the_rest_is_kept(
    partner: Partner, name: str, typed: str, error: str
) -> None:
    page = _refused(partner, _gift(partner), **{name: typed})
    assert page.errors == {name: error}
    kept = TYPED | {name: typed.strip()}
    kept["state"] = "" if typed == "ZZ" else kept["state"]
    assert {each: page.fields[each] for each in TYPED} == kept


def test_an_empty_form_names_everything_that_is_needed(partner: Partner) -> None:
    order = _gift(partner, _three(partner))
    page = read_page(_post(partner, order, {}).text)
    needed = {"first_name", "address_1", "city", "state", "postal_code"}
    assert set(page.errors) == needed | {f"variant-0-0-{n}" for n in range(3)}
    assert page.errors["variant-0-0-1"].startswith("Please choose:")
    assert "Please look again at 8 fields" in page.text


@pytest.mark.parametrize("name", ["", "Mud"])
def test_a_variant_has_to_be_one_that_is_offered(partner: Partner, name: str) -> None:
    product = partner.product(lambda each: each["variants_num_selectable"] == 1 and not each["restricted_states"])
    page = _refused(partner, _gift(partner, product), **{"variant-0-0-0": name})
    assert page.errors == {"variant-0-0-0": f"Please choose: {product['variants_label']}."}


def test_a_closed_state_names_the_product(partner: Partner) -> None:
    product = partner.product(lambda each: "UT" in each["restricted_states"])
    page = _refused(partner, _gift(partner, product), state="UT")
    assert page.errors == {"state": f"{product['name']} can't be shipped to Utah."}
    assert page.fields["state"] == "UT"


def test_a_canceled_gift_says_so(partner: Partner) -> None:
    order = _gift(partner)
    partner.step(order["id"], "cancel")
    assert "This gift was canceled" in _see(partner, order["individual_gift_link"]).text
    assert _post(partner, order, TYPED).status_code == 303
    assert partner.get(f"/v1/orders/{order['id']}")["status"] == "failed"


def test_an_expired_gift_says_so_and_is_not_accepted(partner: Partner) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=0.6)
    order = _gift(partner, payment_method_id=STORED, expires_at=soon.isoformat())
    time.sleep(0.7)
    assert "This gift has expired" in _see(partner, order["individual_gift_link"]).text
    assert _post(partner, order, TYPED).status_code == 303
    answer = partner.http.post(f"/_emulator/orders/{order['id']}/accept", json={})
    assert (answer.status_code, answer.json()["detail"]) == (409, "The gift has expired.")
    assert answer.json()["allowed"] == ["cancel"]
    assert partner.get(f"/v1/orders/{order['id']}")["view_count_recipient"] == 0


def test_an_unknown_gift_is_a_page_too(partner: Partner) -> None:
    answer = partner.http.get("/gift/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing here" in answer.text


def test_a_thank_you_note(partner: Partner) -> None:
    order = _gift(partner)
    link = f"{order['individual_gift_link']}/thank_you_note"
    assert partner.http.post(link, data={"note": "Too early"}).status_code == 303
    partner.accept(order["id"])
    for note, error in (("  ", "Write a few words first."), ("x" * 2001, "A note can have 2000 characters at most.")):
        page = read_page(partner.http.post(link, data={"note": note}).text)
        assert (page.errors, page.fields["note"]) == ({"note": error}, note.strip())
    assert partner.get(f"/v1/orders/{order['id']}")["thank_you_note"] is None
    assert partner.http.post(link, data={"note": "Oh <3!"}).status_code == 303
    assert partner.http.post(link, data={"note": "Once is enough"}).status_code == 303
    assert partner.get(f"/v1/orders/{order['id']}")["thank_you_note"] == "Oh <3!"
    page = _see(partner, order["individual_gift_link"])
    assert "Oh <3!" in page.text
    assert page.fields == {}


def test_what_became_of_it(partner: Partner) -> None:
    order = _gift(partner, payment_method_id=STORED, expires_at="2099-01-01T00:00:00Z")
    partner.accept(order["id"])
    link = order["individual_gift_link"]
    assert "It is being packed" in _see(partner, link).text
    partner.step(order["id"], "ship")
    page = _see(partner, link)
    assert "It is on its way" in page.text
    assert f"{partner.plain['brand']['name']} with Emulated Parcel" in page.text
    partner.step(order["id"], "deliver")
    assert "It has arrived" in _see(partner, link).text

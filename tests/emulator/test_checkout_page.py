"""The payer's page, by forms alone."""

import re
from datetime import date

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goody_emulator.pages.card_form import has_luhn_check, read_card

from .browsing import Page, dollars, read_page
from .partner import ADDRESS, STORED, Json, Partner

CARD = {"number": "4242 4242 4242 4242", "expiry": "04/40", "cvc": "123", "name": "Bo Lind"}
DECLINED = "4000 0000 0000 0002"


@pytest.fixture
def order(partner: Partner) -> Json:
    return partner.accept(partner.place_one())


def _pay(partner: Partner, order: Json, **changes: str) -> httpx.Response:
    return partner.http.post(order["payment_link"], data=CARD | changes)


def _refused(partner: Partner, order: Json, **changes: str) -> Page:
    answer = _pay(partner, order, **changes)
    assert answer.status_code == 200
    assert partner.get(f"/v1/orders/{order['id']}") == order
    return read_page(answer.text)


def _attempts(partner: Partner, order: Json) -> int:
    [found] = [each for each in partner.get("/_emulator/orders")["data"] if each["id"] == order["id"]]
    return int(found["payment_attempts"])


def test_what_it_costs(partner: Partner, order: Json) -> None:
    answer = partner.http.get(order["payment_link"])
    page, amounts = read_page(answer.text), order["amounts"]
    for label, name in (
        ("Products", "amount_product"),
        ("Shipping", "amount_shipping"),
        ("Processing fee", "amount_processing_fee"),
        ("Tax", "amount_tax"),
        ("Total", "amount_total"),
    ):
        assert f"{label} {dollars(amounts[name])}" in page.text.replace(label, f"{label} ").replace("  ", " ")
    assert "This is an emulator." in page.text
    assert CARD["number"] in page.text
    assert DECLINED in page.text
    assert page.labelled == set(page.fields) == set(CARD)
    assert (page.scripts, page.styles) == (0, 0)
    assert answer.headers["content-security-policy"].startswith("default-src 'self';")


def test_credit_is_taken_off(partner: Partner) -> None:
    body = {"mailing_address": ADDRESS, "credit_applied": 250}
    order = partner.step(partner.place_one(), "accept", body)
    text = partner.http.get(order["payment_link"]).text
    assert "-$2.50" in text
    assert f"Pay {dollars(order['amounts']['amount_total'] - 250)}" in text


def test_a_good_card_pays_once(partner: Partner, order: Json) -> None:
    answer = _pay(partner, order)
    assert answer.status_code == 303
    paid = partner.get(f"/v1/orders/{order['id']}")
    assert paid["status"] == "ordered"
    page = read_page(partner.http.get(answer.headers["location"]).text)
    assert "Paid. Thank you!" in page.text
    assert page.fields == {}
    assert _pay(partner, order).status_code == 303
    assert partner.get(f"/v1/orders/{order['id']}") == paid


def test_a_declined_card_can_be_followed_by_another(partner: Partner, order: Json) -> None:
    page = _refused(partner, order, number=DECLINED)
    assert "Your card was declined." in page.text
    assert page.fields == {"number": "", "expiry": "04/40", "cvc": "", "name": "Bo Lind"}
    assert _attempts(partner, order) == 1
    _refused(partner, order, cvc="12")
    assert _attempts(partner, order) == 1
    assert _pay(partner, order).status_code == 303


@pytest.mark.parametrize(
    ("name", "typed", "error"),
    [
        ("number", "", "The card number is needed."),
        ("number", "4242 4242 4242 4241", "That card number is not valid."),
        ("number", "4242x", "That card number is not valid."),
        ("number", "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢", "That card number is not valid."),
        ("number", "5555 5555 5555 4444", "Only the test cards work here. Never enter a real one."),
        ("expiry", "", "The expiry date is month and year, like 04/30."),
        ("expiry", "13/40", "The expiry date is month and year, like 04/30."),
        ("expiry", "0/40", "The expiry date is month and year, like 04/30."),
        ("expiry", "04/20", "That card has expired."),
        ("cvc", "12", "The security code is three or four digits."),
        ("cvc", "12a", "The security code is three or four digits."),
        ("name", " ", "The name on the card is needed."),
    ],
)
def test_an_error_stands_beside_its_field(partner: Partner, order: Json, name: str, typed: str, error: str) -> None:
    page = _refused(partner, order, **{name: typed})
    assert page.errors == {name: error}
    assert (page.fields["number"], page.fields["cvc"]) == ("", "")


def test_card_data_goes_nowhere(partner: Partner, order: Json) -> None:
    _pay(partner, order, number=DECLINED)
    answer = _pay(partner, order, cvc="9")
    assert "4242424242424242" not in answer.text
    for path in ("/_emulator/requests", "/_emulator/deliveries", f"/v1/orders/{order['id']}"):
        text = partner.http.get(path).text
        # Ids may hold these four by chance.
        assert "42424242" not in text
        assert re.search(r"(?<!\w)4242(?!\w)", text) is None
        assert "Bo Lind" not in text
    assert "4242" not in repr(read_card(CARD, date(2026, 1, 1)))


def test_what_there_is_to_say_when_there_is_nothing_to_pay(partner: Partner, order: Json) -> None:
    for step, text in (("pay", "being prepared"), ("ship", "on its way"), ("deliver", "delivered")):
        partner.step(order["id"], step)
        assert text in partner.http.get(order["payment_link"]).text
    partner.step(order["id"], "refund")
    assert "This payment was refunded" in partner.http.get(order["payment_link"]).text


@pytest.mark.parametrize("path", ["/checkout", "/checkout?key=nope"])
def test_an_unknown_key(partner: Partner, path: str) -> None:
    for answer in (partner.http.get(path), partner.http.post(path, data=CARD)):
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_stored_value_is_not_paid_by_card(partner: Partner) -> None:
    order_id = partner.place_one(
        cart={"items": [{"product_id": partner.plain["id"], "quantity": 1000}]},
        payment_method_id=STORED,
        expires_at="2099-01-01T00:00:00Z",
    )
    assert partner.accept(order_id)["payment_link"] is None


@pytest.mark.parametrize(
    ("expiry", "is_good"),
    [("03/26", True), ("3/26", True), ("03 / 2026", True), ("02/26", False), ("12/25", False), ("01/27", True)],
)
def test_a_card_is_good_to_the_end_of_its_month(expiry: str, *, is_good: bool) -> None:
    assert ("expiry" not in read_card({"expiry": expiry}, date(2026, 3, 31)).errors) is is_good


@given(st.text("0123456789", min_size=1, max_size=18))
def test_exactly_one_digit_completes_a_card_number(number: str) -> None:
    assert sum(has_luhn_check(number + digit) for digit in "0123456789") == 1


@given(st.text("0123456789", min_size=12, max_size=18), st.integers(0, 17), st.integers(1, 9))
def test_one_mistyped_digit_is_noticed(number: str, place: int, shift: int) -> None:
    whole = next(number + digit for digit in "0123456789" if has_luhn_check(number + digit))
    place %= len(whole)
    mistyped = whole[:place] + str((int(whole[place]) + shift) % 10) + whole[place + 1 :]
    assert not has_luhn_check(mistyped)

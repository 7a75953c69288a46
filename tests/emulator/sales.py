"""Sales, as the tests of money make them: one product that earns revenue share, paid in every way there is."""

import uuid
from typing import Any

from .partner import ADDRESS, HOSTED, STORED, Json, Partner

LATER = "2099-01-01T00:00:00Z"
CARDS = "/v1/commerce_user_payment_methods"


def is_plain(product: Json) -> bool:
    return not (product["variants"] or product["price_is_variable"] or product["restricted_states"])


def earning(partner: Partner) -> Json:
    """A plain product that earns revenue share and costs its shipping."""
    return partner.product(
        lambda each: (
            is_plain(each)
            and not each["brand"]["commerce_revshare_excluded"]
            and each["brand"]["shipping_price"] > 0
            and each["brand"]["free_shipping_minimum"] is None
        )
    )


def excluded(partner: Partner) -> Json:
    """A product of a brand that earns no revenue share."""
    return partner.product(lambda each: each["brand"]["commerce_revshare_excluded"])


def order_of(partner: Partner, *products: Json, quantity: int = 1, **changes: Any) -> str:
    """Place an order of these products, by default paid by stored value, and return its id."""
    items = [
        {"product_id": each["id"], "quantity": quantity}
        | ({"variable_price": each["price_max"]} if each["price_is_variable"] else {})
        for each in products
    ]
    return partner.place_one(cart={"items": items}, **{"payment_method_id": STORED, "expires_at": LATER, **changes})


def card_wish(**changes: Any) -> Json:
    """Return a request for an end user's card, with changes; None takes a field out."""
    body = {
        "cardholder_name": "Bo Lind",
        "commerce_end_user_id": "user-1",
        "payment_method_type": "card",
        "interim_card_key": f"key-{uuid.uuid4()}",
        "billing_address": {
            "address_1": "1 Main St",
            "city": "New York",
            "state": "NY",
            "postal_code": "10022",
            "country": "US",
        },
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def card_of(partner: Partner, **changes: Any) -> Json:
    """Make a card of the end user user-1."""
    answer = partner.http.post(CARDS, json=card_wish(**changes))
    assert answer.status_code == 201, answer.text
    card: Json = answer.json()
    return card


def sold(partner: Partner, product: Json, method: str = HOSTED, **changes: Any) -> Json:
    """Sell a product, accepted and paid, and return its order."""
    order_id = order_of(partner, product, payment_method_id=method, **changes)
    order = partner.step(order_id, "accept", {"mailing_address": ADDRESS})
    return partner.step(order_id, "pay") if method == HOSTED else order


def entries(partner: Partner) -> list[Json]:
    found: list[Json] = partner.get("/_emulator/revenue_share")["entries"]
    return found


def put(partner: Partner, path: str, body: Json) -> Json:
    answer = partner.http.put(path, json=body)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def post(partner: Partner, path: str, status: int = 201) -> Json:
    answer = partner.http.post(path)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


def first_of_month(partner: Partner, ahead: int) -> str:
    """The first day of the month so many months after the present one of the emulator's clock."""
    year, month, _ = map(int, partner.get("/_emulator/clock")["now"][:10].split("-"))
    years, month = divmod(month - 1 + ahead, 12)
    return f"{year + years:04}-{month + 1:02}-01"


def freeze(partner: Partner, moment: str) -> None:
    """Let the clock of a private emulator stand still at a moment."""
    answer = partner.http.post("/_emulator/clock/freeze", json={"to": moment})
    assert answer.status_code == 200, answer.text


def use_quirks(partner: Partner, *names: str) -> None:
    """Let quirks hold for the partner's app alone."""
    put(partner, "/_emulator/quirks", {"quirks": list(names)})

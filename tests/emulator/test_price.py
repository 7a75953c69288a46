"""What a cart costs, to the cent."""

from .partner import ADDRESS, Json, Partner


def _price(partner: Partner, items: list[Json], send_method: str = "link_multiple_custom_list") -> Json:
    body = {
        "send_method": send_method,
        "cart": {"items": items},
        "recipients": [{"first_name": "Ada", "mailing_address": ADDRESS}, {"first_name": "Bea"}],
    }
    answer = partner.http.post("/v1/order_batches/price", json=body)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def test_a_range_for_gifts(partner: Partner) -> None:
    product = partner.plain
    price = _price(partner, [{"product_id": product["id"], "quantity": 1}])
    brand = product["brand"]
    free = brand["free_shipping_minimum"] is not None and product["price"] >= brand["free_shipping_minimum"]
    shipping = 0 if free else brand["shipping_price"]
    fee = (5 * (product["price"] + shipping) + 50) // 100
    pre_tax = product["price"] + shipping + fee
    high = (pre_tax + 5) // 10
    assert price["cart_price"] == {
        "price_product": product["price"],
        "price_shipping": shipping,
        "price_processing_fee": fee,
        "price_pre_tax": pre_tax,
        "price_est_tax_low": 0,
        "price_est_tax_high": high,
        "price_est_total_low": pre_tax,
        "price_est_total_high": pre_tax + high,
    }
    assert price["total_price"] == {
        "recipients": 2,
        "est_group_total_low": 2 * pre_tax,
        "est_group_total_high": 2 * (pre_tax + high),
    }


def test_direct_send_is_exact_when_every_address_is_known(partner: Partner) -> None:
    items = [{"product_id": partner.plain["id"], "quantity": 1}]
    assert "est_tax_calculated" not in _price(partner, items, "direct_send")["total_price"]
    body = {
        "send_method": "direct_send",
        "cart": {"items": items},
        "recipients": [{"first_name": "Ada", "mailing_address": ADDRESS}],
    }
    price = partner.http.post("/v1/order_batches/price", json=body).json()
    pre_tax = price["cart_price"]["price_pre_tax"]
    tax = (pre_tax * 888 + 5000) // 10_000
    assert price["total_price"] == {
        "recipients": 1,
        "est_tax_calculated": tax,
        "est_total_calculated": pre_tax + tax,
    }


def test_shipping_is_charged_once_per_brand_and_free_from_its_minimum(partner: Partner) -> None:
    product = partner.product(
        lambda each: (each["brand"]["free_shipping_minimum"] or 0) > each["price"] and each["brand"]["shipping_price"]
    )
    brand = product["brand"]
    enough = -(-brand["free_shipping_minimum"] // product["price"])
    other = partner.product(
        lambda each: (
            each["brand"]["id"] != brand["id"]
            and each["brand"]["shipping_price"]
            and not each["brand"]["free_shipping_minimum"]
        )
    )

    def shipping(*counts: tuple[Json, int]) -> int:
        items = [{"product_id": each["id"], "quantity": count} for each, count in counts]
        charged: int = _price(partner, items)["cart_price"]["price_shipping"]
        return charged

    assert shipping((product, enough - 1)) == brand["shipping_price"]
    assert shipping((product, enough)) == 0
    assert shipping((product, 1), (product, enough - 1)) == 0
    assert shipping((product, 1), (other, 1)) == brand["shipping_price"] + other["brand"]["shipping_price"]


def test_refusals(partner: Partner) -> None:
    path = "/v1/order_batches/price"
    body = {"send_method": "direct_send", "recipients": [{"first_name": "A"}]}
    cart = {"items": [{"product_id": "invalid", "quantity": 1}]}
    assert partner.refused({**body, "cart": cart}, path) == "Product not found: invalid"
    assert partner.refused({**body, "cart": cart, "recipients": []}, path) == "Recipients can't be blank"


def test_the_exact_sum_adds_up_over_recipients_in_different_states(partner: Partner) -> None:
    states = ("NY", "OR", "CA")
    body = {
        "send_method": "direct_send",
        "cart": {"items": [{"product_id": partner.plain["id"], "quantity": 3}]},
        "recipients": [{"first_name": "Ada", "mailing_address": ADDRESS | {"state": state}} for state in states],
    }
    price = partner.http.post("/v1/order_batches/price", json=body).json()
    pre_tax = price["cart_price"]["price_pre_tax"]
    tax = sum((pre_tax * rate + 5000) // 10_000 for rate in (888, 0, 868))
    assert price["total_price"] == {
        "recipients": 3,
        "est_tax_calculated": tax,
        "est_total_calculated": 3 * pre_tax + tax,
    }


def test_an_exact_sum_is_what_the_orders_cost(partner: Partner) -> None:
    product = partner.plain
    body = {
        "send_method": "direct_send",
        "cart": {"items": [{"product_id": product["id"], "quantity": 2}]},
        "recipients": [{"first_name": "Ada", "mailing_address": ADDRESS}],
    }
    price = partner.http.post("/v1/order_batches/price", json=body).json()["total_price"]
    order_id = partner.place_one(**body)
    order = partner.until(f"/v1/orders/{order_id}", lambda order: order["status"] == "pending_payment")
    assert order["amounts"]["amount_total"] == price["est_total_calculated"]


def test_an_address_counts_for_a_direct_send_only(partner: Partner) -> None:
    product = partner.product(lambda each: each["restricted_states"] and not each["variants"])
    state = product["restricted_states"][0]
    body = {
        "cart": {"items": [{"product_id": product["id"], "quantity": 1}]},
        "recipients": [{"first_name": "Ada", "mailing_address": ADDRESS | {"state": state}}],
    }
    path = "/v1/order_batches/price"
    text = f"{product['name']} can't be shipped to {state}"
    assert partner.refused({**body, "send_method": "direct_send"}, path) == text
    answer = partner.http.post(path, json={**body, "send_method": "email_and_link"})
    assert "est_group_total_low" in answer.json()["total_price"]
    lacking = {**body, "send_method": "direct_send", "recipients": [{"first_name": "A", "mailing_address": {}}]}
    assert partner.refused(lacking, path) == "Mailing address address_1 can't be blank"

"""What is refused, what is not, and that a reference buys one batch only."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from .browsing import read_page
from .partner import ADDRESS, STORED, Json, Partner


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"from_name": ""}, "From name can't be blank"),
        ({"recipients": []}, "Recipients can't be blank"),
        ({"recipients": None}, "Recipients can't be blank"),
        ({"send_method": "pigeon"}, "Send method is not included in the list"),
        ({"cart": {"items": []}}, "Cart can't be blank"),
        ({"message": "Hello"}, "Card must be given when there is a message"),
        ({"card_id": "no-such-card"}, "Card not found: no-such-card"),
        ({"payment_method_id": "CASH"}, "Payment method not found: CASH"),
        ({"payment_method_id": STORED}, "Expires at can't be blank when paying from a balance"),
        ({"payment_method_id": None}, "Expires at can't be blank when paying from a balance"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "Expires at must be in the future"),
        ({"expires_at": "soon"}, "Expires at is not a valid date and time"),
        ({"scheduled_send_on": "soon"}, "Scheduled send on is not a valid date and time"),
        (
            {"scheduled_send_on": "2099-01-02T00:00:00Z", "expires_at": "2099-01-01T00:00:00Z"},
            "Expires at must be after scheduled send on",
        ),
        ({"swap": "maybe"}, "Swap is not included in the list"),
        ({"international_shipping_tier": "lunar"}, "International shipping tier is not included in the list"),
        (
            {"international_gift_cards_enabled": "yes"},
            "Expected `bool | null`, got `str` - at `$.international_gift_cards_enabled`",
        ),
        ({"notifications_enabled": 1}, "Expected `bool | null`, got `int` - at `$.notifications_enabled`"),
        ({"workspace_id": "no-such-workspace"}, "Workspace not found"),
        ({"cart": {"items": [{"product_id": "nope", "quantity": 1}]}}, "Product not found: nope"),
        ({"send_method": "email_and_link", "recipients": [{"first_name": "A"}]}, "Recipient email can't be blank"),
        ({"send_method": "direct_send"}, "Recipient mailing address can't be blank"),
        ({"recipients": [{"first_name": " "}]}, "Recipient first name can't be blank"),
        (
            {"recipients": [{"first_name": "A", "phone": "555-1234"}]},
            "Recipient phone must be a US number in E.164 format",
        ),
    ],
)
def test_refusals(partner: Partner, changes: Json, text: str) -> None:
    assert partner.refused(partner.wish(**changes)) == text
    assert partner.get("/v1/order_batches")["data"] == []


@pytest.mark.parametrize(
    ("part", "value", "text"),
    [
        ("city", "", "Mailing address city can't be blank"),
        ("state", None, None),
        ("country", "CA", "Mailing address country must be US"),
    ],
)
def test_direct_send_wants_a_whole_address(partner: Partner, part: str, value: str | None, text: str | None) -> None:
    recipients = [{"first_name": "Ada", "mailing_address": ADDRESS | {part: value}}]
    refusal = partner.refused(partner.wish(send_method="direct_send", recipients=recipients))
    assert text is None or refusal == text


def test_a_quantity_is_at_least_one(partner: Partner) -> None:
    cart = {"items": [{"product_id": partner.plain["id"], "quantity": 0}]}
    assert partner.refused(partner.wish(cart=cart)) == "Quantity must be greater than 0"


def test_a_wrong_type_is_refused(partner: Partner) -> None:
    assert "Expected `str`" in partner.refused(partner.wish(from_name=7))


def test_a_body_that_is_no_json_is_refused(partner: Partner) -> None:
    answer = partner.http.post("/v1/order_batches", content=b"{")
    assert (answer.status_code, answer.json()) == (400, {"error": "Request body is not valid JSON"})


@pytest.mark.parametrize("picks", [1, 3])
def test_direct_send_names_exactly_as_many_variants(partner: Partner, picks: int) -> None:
    product = partner.product(lambda each: each["variants_num_selectable"] == picks and not each["restricted_states"])
    name = product["variants"][0]["name"]
    wish = {"send_method": "direct_send", "recipients": [{"first_name": "Ada", "mailing_address": ADDRESS}]}

    def cart(variants: list[str] | None) -> Json:
        return {"items": [{"product_id": product["id"], "quantity": 1, "variants": variants}]}

    needed = f"{product['name']} needs exactly {picks} variants"
    assert partner.refused(partner.wish(**wish, cart=cart(None))) == needed
    assert partner.refused(partner.wish(**wish, cart=cart([name] * (picks + 1)))) == needed
    unknown = partner.refused(partner.wish(**wish, cart=cart(["Mud"] * picks)))
    assert unknown == f"{product['name']} has no variant named Mud"
    placed = partner.place(**wish, cart=cart([name] * picks))
    assert placed["orders_preview"][0]["cart_selections"][0]["variants"] == [name] * picks


def test_direct_send_stays_out_of_restricted_states(partner: Partner) -> None:
    product = partner.product(lambda each: each["restricted_states"] and not each["variants"])
    state = product["restricted_states"][0]
    body = partner.wish(
        send_method="direct_send",
        recipients=[{"first_name": "Ada", "mailing_address": ADDRESS | {"state": state}}],
        cart={"items": [{"product_id": product["id"], "quantity": 1}]},
    )
    assert partner.refused(body) == f"{product['name']} can't be shipped to {state}"


def test_an_open_price_has_to_be_given_within_its_bounds(partner: Partner) -> None:
    product = partner.product(lambda each: each["price_is_variable"])
    low, high = product["price_min"], product["price_max"]

    def cart(price: int | None) -> Json:
        return {"items": [{"product_id": product["id"], "quantity": 1, "variable_price": price}]}

    assert partner.refused(partner.wish(cart=cart(None))) == f"Variable price is required for {product['name']}"
    outside = f"Variable price for {product['name']} must be between {low} and {high}"
    assert partner.refused(partner.wish(cart=cart(low - 1))) == outside
    assert partner.refused(partner.wish(cart=cart(high + 1))) == outside
    for price in (low, high):
        order = partner.place(cart=cart(price))["orders_preview"][0]
        assert order["amounts"]["amount_product"] == price


def test_a_product_can_be_named_by_its_url(partner: Partner) -> None:
    cart = {"items": [{"product_url": f"https://shop.test/gifts/{partner.plain['id']}", "quantity": 2}]}
    item = partner.place(cart=cart)["cart"]["items"][0]
    assert (item["product"]["id"], item["quantity"]) == (partner.plain["id"], 2)


def test_a_repeated_reference_is_refused(partner: Partner) -> None:
    wish = partner.wish()
    first = partner.http.post("/v1/order_batches", json=wish)
    assert partner.refused(wish) == "Customer reference has already been taken"
    assert [batch["id"] for batch in partner.get("/v1/order_batches")["data"]] == [first.json()["id"]]


def test_without_reference_there_is_nothing_to_repeat(partner: Partner) -> None:
    assert partner.place(customer_reference_id=None)["id"] != partner.place(customer_reference_id=None)["id"]


def test_another_app_may_use_the_same_reference(partner: Partner) -> None:
    wish = partner.wish()
    headers = {"Authorization": f"Bearer other-{uuid.uuid4()}"}
    assert partner.http.post("/v1/order_batches", json=wish).status_code == 201
    assert partner.http.post("/v1/order_batches", json=wish, headers=headers).status_code == 201


def test_eight_threads_with_one_reference_make_one_batch(partner: Partner) -> None:
    wish = partner.wish()

    def post(_: int) -> httpx.Response:
        return partner.http.post("/v1/order_batches", json=wish)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(8)))
    assert sorted(answer.status_code for answer in answers) == [201, *[400] * 7]
    assert partner.get("/v1/order_batches")["list_meta"] == {"total_count": 1}
    assert partner.get("/v1/orders")["list_meta"] == {"total_count": 1}


def test_more_than_ten_recipients_take_a_moment(partner: Partner) -> None:
    placed = partner.place(recipients=[{"first_name": f"R{number}"} for number in range(11)])
    assert (placed["send_status"], placed["orders_count"], placed["orders_preview"]) == ("pending", 0, [])
    assert placed["recipients_count"] == 11
    assert partner.get(f"/v1/order_batches/{placed['id']}/orders")["data"] == []
    done = partner.until(f"/v1/order_batches/{placed['id']}", lambda batch: batch["send_status"] == "complete")
    assert (done["orders_count"], len(done["orders_preview"])) == (11, 10)
    orders = partner.get(f"/v1/order_batches/{placed['id']}/orders", per_page=100)["data"]
    assert [order["recipient_first_name"] for order in orders] == [f"R{number}" for number in range(11)]


def test_a_scheduled_batch_waits(partner: Partner) -> None:
    placed = partner.place(scheduled_send_on="2099-01-01T00:00:00Z")
    assert (placed["send_status"], placed["is_scheduled_send"]) == ("pending", True)
    assert placed["scheduled_send_on"] == "2099-01-01T00:00:00Z"
    assert partner.get(f"/v1/order_batches/{placed['id']}/orders")["list_meta"] == {"total_count": 0}
    assert partner.get(f"/v1/order_batches/{placed['id']}/recipients")["list_meta"] == {"total_count": 1}


def test_apps_do_not_see_each_other(partner: Partner) -> None:
    batch = partner.place()
    headers = {"Authorization": f"Bearer other-{uuid.uuid4()}"}
    for path in (f"/v1/order_batches/{batch['id']}", f"/v1/orders/{batch['orders_preview'][0]['id']}"):
        assert partner.http.get(path, headers=headers).status_code == 404
    assert partner.http.get("/v1/orders", headers=headers).json()["data"] == []


def test_orders_are_found_by_the_time_they_were_created(partner: Partner) -> None:
    order_id = partner.place_one()
    created = partner.get(f"/v1/orders/{order_id}")["event_times"]["created_at"]
    for params, count in (
        ({"created_at[after]": created, "created_at[before]": created}, 1),
        ({"created_at[after]": "2099-01-01T00:00:00Z"}, 0),
        ({"created_at[before]": "2020-01-01T00:00:00Z"}, 0),
    ):
        assert partner.get("/v1/orders", **params)["list_meta"] == {"total_count": count}
    answer = partner.http.get("/v1/orders", params={"created_at[after]": "yesterday"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "content",
    [
        b"null",
        b"[]",
        b'{"from_name":"\\ud800"}',
        b'{"from_name":"\xff"}',
        b'{"recipients":[7]}',
        b'{"cart":{"items":[{}]}}',
    ],
)
def test_nonsense_is_refused_and_nothing_worse(partner: Partner, content: bytes) -> None:
    answer = partner.http.post("/v1/order_batches", content=content)
    assert (answer.status_code, list(answer.json())) == (400, ["error"])


def test_numbers_beyond_all_measure_are_harmless(partner: Partner) -> None:
    cart = {"items": [{"product_id": partner.plain["id"], "quantity": 10**30}]}
    partner.refused(partner.wish(cart=cart))
    assert partner.get("/v1/orders", page=10**30)["data"] == []
    partner.place(scheduled_send_on="9999-12-31T23:59:59Z")
    batch = partner.place(recipients=[{"first_name": f"R{number}"} for number in range(11)])
    partner.until(f"/v1/order_batches/{batch['id']}", lambda found: found["send_status"] == "complete")


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/order_batches", "/v1/order_activities"])
@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("page=0", "Page must be greater than 0"),
        ("page=-1", "Page must be greater than 0"),
        ("page=x", "Page must be greater than 0"),
        ("per_page=0", "Per page must be between 1 and 100"),
        ("per_page=101", "Per page must be between 1 and 100"),
    ],
)
def test_a_page_that_cannot_be_is_refused(partner: Partner, path: str, query: str, text: str) -> None:
    answer = partner.http.get(f"{path}?{query}")
    assert (answer.status_code, answer.json()) == (400, {"error": text})


def test_an_address_given_with_a_gift_is_filled_in_but_changes_nothing(partner: Partner) -> None:
    given = ADDRESS | {"first_name": "Bea", "city": "Albany"}
    order = partner.place(recipients=[{"first_name": "Ada", "mailing_address": given}])["orders_preview"][0]
    page = read_page(partner.http.get(order["individual_gift_link"]).text)
    assert {name: page.fields[name] for name in given if name != "country"} == {
        name: value for name, value in given.items() if name != "country"
    }
    accepted = partner.accept(order["id"], state="OR")
    assert accepted["amounts"]["amount_tax"] == 0


def test_many_recipients_each_get_an_order(partner: Partner) -> None:
    count = 1203  # more than are created at once
    batch = partner.place(recipients=[{"first_name": f"R{number}"} for number in range(count)])
    done = partner.until(f"/v1/order_batches/{batch['id']}", lambda found: found["send_status"] == "complete")
    assert done["orders_count"] == count
    last = partner.get(f"/v1/order_batches/{batch['id']}/orders", per_page=100, page=13)["data"]
    assert [order["recipient_first_name"] for order in last] == ["R1200", "R1201", "R1202"]
    assert partner.get("/v1/orders")["list_meta"] == {"total_count": count}

"""Goody's own examples work here unchanged but for the host, once the emulator knows the things they name.

Their ids exist at Goody only, so products and cards of those ids are added first. Two slips of theirs go by quirks:
an order from stored value without the expiry that other pages demand, and an address within an address.
"""

import json
import re
import subprocess
from typing import Any, Final

import httpx
import pytest

from tests.patience import until

from .openapi import PATH
from .partner import ADDRESS, Json, Partner, partner_of

DOCS: Final = PATH.parent / "docs" / "goody-developer-docs-full.txt"
pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="Goody's documents are not beside this repository")

_BLOCK: Final = re.compile(r"```\w*\n(.*?)```", re.DOTALL)
_REQUEST: Final = re.compile(
    r"(GET|POST|DELETE) https://api\.sandbox\.ongoody\.com(/\S+)\n(Authorization): (Bearer \S+)"
)
SLIPS: Final = ["stored-value-no-expiry", "nested-address"]


def blocks() -> list[str]:
    return [found.group(1) for found in _BLOCK.finditer(DOCS.read_text())]


def requests() -> list[tuple[str, str, str]]:
    return [(found[1], found[2], found[4]) for block in blocks() if (found := _REQUEST.match(block))]


def bodies() -> list[str]:
    """Every order batch that the documents send."""
    return [block for block in blocks() if block.startswith('{\n"from_name"')]


def read(body: str) -> Json:
    """One of them has a comma too many."""
    found: Json = json.loads(re.sub(r",(\s*})", r"\1", body))
    return found


def teach(partner: Partner, batch: Json) -> None:
    """Let the emulator know the product and the card that an example names."""
    item = batch["cart"]["items"][0]
    url = re.sub(r"^https?://[^/]+", "", item.get("product_url") or "")
    added = {"new_id": item.get("product_id"), "path": url or None, "variants": item.get("variants", [])}
    changes: list[Json] = [{"action": "add", "price": 2000, **{name: each for name, each in added.items() if each}}]
    if "card_id" in batch:
        changes.append({"action": "add_card", "new_id": batch["card_id"]})
    if not added["variants"]:
        changes[0]["variants"] = []
    answer = partner.http.post("/_emulator/catalog/changes", json={"changes": changes})
    assert answer.status_code == 201, answer.text
    partner.http.put("/_emulator/quirks", json={"quirks": SLIPS})


def test_there_are_examples() -> None:
    assert {path for _, path, _ in requests()} == {"/v1/products", "/v1/me", "/v1/order_batches"}
    assert len(bodies()) == 3


@pytest.mark.parametrize("number", range(5))
def test_requests(emulator_url: str, number: int) -> None:
    """By curl and with the very key that they show, since any key is let in; what is posted is the example beside."""
    method, path, authorization = requests()[number]
    with partner_of(emulator_url, authorization.removeprefix("Bearer ")) as shown:
        curl = ["curl", "-s", "-w", "\\n%{http_code}", "-X", method, "-H", f"Authorization: {authorization}"]
        if method == "POST":
            batch = read(bodies()[-1])
            teach(shown, batch)
            curl += ["-H", "Content-Type: application/json", "-d", json.dumps(batch)]
        # What is run stands in Goody's documents.
        ran = subprocess.run([*curl, f"{emulator_url}{path}"], capture_output=True, text=True, check=True)  # noqa: S603
        shown.http.post("/_emulator/reset")
        shown.http.delete("/_emulator/catalog/changes")
        shown.http.delete("/_emulator/quirks")
    answer, _, status = ran.stdout.rpartition("\n")
    assert status == ("201" if method == "POST" else "200"), answer
    assert json.loads(answer)


def test_a_small_client_saves_a_card_and_sends_directly(emulator_url: str) -> None:
    """As a shop would with Goody's card form: nothing but the documents' own bodies, and one product of the catalog."""
    card = next(each[3] for each in described() if each[1].endswith("payment_methods") and each[4] == 201)
    headers = {"Authorization": "Bearer small-client"}
    with httpx.Client(base_url=emulator_url, headers=headers, trust_env=False) as shop:
        saved = shop.post("/v1/commerce_user_payment_methods", json=card)
        assert saved.status_code == 201, saved.text
        products = shop.get("/v1/products", params={"per_page": 50}).json()["data"]
        product = next(each for each in products if not each["variants"] and not each["price_is_variable"])
        sent = shop.post(
            "/v1/order_batches",
            json={
                "from_name": card["cardholder_name"],
                "send_method": "direct_send",
                "recipients": [{"first_name": "Ada", "last_name": "Moss", "mailing_address": ADDRESS}],
                "cart": {"items": [{"product_id": product["id"], "quantity": 1}]},
                "payment_method_id": saved.json()["id"],
                "commerce_end_user_id": card["commerce_end_user_id"],
            },
        )
        assert sent.status_code == 201, sent.text
        order_id = sent.json()["orders_preview"][0]["id"]
        until(lambda: shop.get(f"/v1/orders/{order_id}").json()["status"] == "ordered", seconds=20)
        assert shop.get(f"/v1/orders/{order_id}").json()["event_times"]["paid_at"] is not None


@pytest.mark.parametrize("number", range(3))
def test_order_batches(partner: Partner, number: int) -> None:
    body = bodies()[number]
    teach(partner, read(body))
    sent = body if number != 1 else json.dumps(read(body))  # the one with the comma
    answer = partner.http.post("/v1/order_batches", content=sent, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201, answer.text
    wanted, made = read(body), answer.json()
    assert made["send_status"] == "complete"
    assert made["orders_count"] == len(wanted["recipients"])
    assert made["cart"]["items"][0]["product"]["id"] == wanted["cart"]["items"][0]["product_id"]


def test_without_the_quirks_the_slips_are_refused(partner: Partner) -> None:
    for body in bodies():
        teach(partner, read(body))
        partner.http.put("/_emulator/quirks", json={"quirks": []})
        answer = partner.http.post("/v1/order_batches", json=read(body))
        assert answer.status_code == 400
        partner.http.delete("/_emulator/catalog/changes")


def described() -> list[tuple[str, str, str, Any, int]]:
    """Every example request of the OpenAPI file: method, path, name, body, and the status that goes with it."""
    if not PATH.exists():
        return []
    found = []
    for path, operations in json.loads(PATH.read_text())["paths"].items():
        for method, operation in operations.items():
            examples = {} if method == "parameters" else operation.get("requestBody", {}).get("content", {})
            for name, example in examples.get("application/json", {}).get("examples", {}).items():
                refused = "Bad request" in name
                done = 200 if path.endswith("/price") else 204 if method == "delete" else 201
                found.append((method, path, name, example["value"], 400 if refused else done))
    return found


@pytest.mark.parametrize(("method", "path", "name", "body", "status"), described())
def test_requests_of_the_openapi_file(
    partner: Partner, method: str, path: str, name: str, body: Any, status: int
) -> None:
    if "cart" in body and status != 400:
        teach(partner, body)
    if "{id}" in path:
        path = path.replace("{id}", partner.http.post("/v1/webhooks", json=body).json()["id"])
    # Their moments have passed since; they were to lie some days and weeks ahead.
    moments = {"scheduled_send_on": "2098-06-10T12:24:24Z", "expires_at": "2098-07-01T12:24:24Z"}
    body |= {field: moment for field, moment in moments.items() if field in body}
    answer = partner.http.request(method, path, json=body)
    assert answer.status_code == status, (name, answer.text)

"""People whose words stand nowhere else: sold to for real, so that every place where they may be kept holds them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from foundation.database import Base
from foundation.encryption import Vault
from foundation.ids import new_token
from tests.api.relaying import deliver
from tests.integration.delivery.partner import Answering, Message, Reply
from tests.shop import SLUG, VAULT_KEY, Shop

Json = dict[str, Any]
Row = tuple[str, tuple[tuple[str, str], ...]]
"""A table, and each of its columns as text, decrypted."""


@dataclass(frozen=True)
class Person:
    """A customer and whom they send gifts to; `name` is a stem that no other word has."""

    name: str
    phone: str
    customer_id: str

    @property
    def sender(self) -> str:
        return f"{self.name}sender"

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@example.com"

    @property
    def recipient(self) -> Json:
        names = {"first_name": f"{self.name}first", "last_name": f"{self.name}last"}
        return {**names, "email": self.email, "phone": self.phone}

    @property
    def address(self) -> Json:
        """Of a place whose postal code is nobody else's in the tests."""
        names = {"first_name": f"{self.name}first", "last_name": f"{self.name}last"}
        where = {"address_1": f"17 {self.name}street", "city": f"{self.name}ville"}
        return {**names, **where, "state": "AK", "postal_code": "99762", "country": "US"}

    @property
    def told(self) -> Json:
        return {"message": f"{self.name}message", "metadata": {"note": f"{self.name}note"}}

    @property
    def words(self) -> tuple[str, ...]:
        """What to look for. The stem is in each but the phone, and as such in no other text."""
        return (self.name, self.name.lower(), self.phone)


def echo(*people: Person) -> Answering:
    """A careless partner's endpoint: it answers with what it knows of the customer, and with what it got."""

    def answer(message: Message) -> Reply:
        customer_id = message.event["data"].get("customer_id")
        known = [[one.sender, one.address["address_1"], one.phone] for one in people if one.customer_id == customer_id]
        return Reply(status=200, body=json.dumps(known).encode() + message.body)

    return answer


@dataclass(frozen=True)
class Life:
    """What became of a person in the shop."""

    order_ids: list[str]
    batch_ids: list[str]
    links: list[str]
    """The ends of their gift and payment links."""


def live(shop: Shop, person: Person, slug: str = SLUG) -> Life:
    """Two gifts by link and to an address, tracked; a checkout left, one refused, a card; all told to the endpoints."""
    shop.services.app_settings.change(slug, capabilities=["hosted_payment", "direct_send"])
    left = wish(shop, person)
    shop.call("PATCH", f"/v1/checkouts/{left['id']}", {"from_name": person.sender + "2"}, headers=once())
    shop.call("POST", f"/v1/checkouts/{left['id']}/copies", headers=once())
    batches = [ordered(shop, wish(shop, person)), ordered(shop, wish(shop, person, **sent_directly(person)))]
    order_ids = [batch["orders"][0]["id"] for batch in batches]
    step(shop, slug, order_ids[0], "gift_opened", "open")
    step(shop, slug, order_ids[0], "gift_accepted", "accept", {"mailing_address": person.address})
    deliver(shop)
    links = []
    for order_id in order_ids:
        order = shop.call("GET", f"/v1/orders/{order_id}").get_json()
        links += [order[link] for link in ("individual_gift_link", "payment_link") if order[link]]
    shop.call("POST", f"/v1/orders/{order_ids[0]}/payment_link/resend", headers=once())
    shop.goody.step(order_ids[0], "pay")
    shop.services.activities.poll_due()
    step(shop, slug, order_ids[0], "shipped", "ship")
    step(shop, slug, order_ids[0], "delivered", "deliver")
    step(shop, slug, order_ids[0], "thank_you_note_added", "thank_you_note", {"note": f"{person.name} thanks"})
    cancel(shop, person)
    refuse(shop, person)
    card = {
        "interim_card_key": "key",
        "cardholder_name": person.sender,
        "billing_address": {name: text for name, text in person.address.items() if "_name" not in name},
        "customer_id": person.customer_id,
    }
    assert shop.call("POST", "/v1/payment_methods", card, headers=once()).status_code == 201
    deliver(shop)
    return Life(order_ids, [batch["id"] for batch in batches], [re.split("[/=]", link)[-1] for link in links])


def wish(shop: Shop, person: Person, **changes: Any) -> Json:
    card_id = shop.call("GET", "/v1/cards?limit=1").get_json()["data"][0]["id"]
    gift = {"from_name": person.sender, "recipients": [person.recipient], "card_id": card_id, **person.told, **changes}
    asked = shop.wish(customer_id=person.customer_id, **gift)
    made = shop.call("POST", "/v1/checkouts", asked, headers=once())
    assert made.status_code == 201, made.text
    checkout: Json = made.get_json()
    return checkout


def sent_directly(person: Person) -> Json:
    return {"send_method": "direct_send", "recipients": [{**person.recipient, "mailing_address": person.address}]}


def ordered(shop: Shop, checkout: Json) -> Json:
    response = shop.complete(checkout)
    assert response.status_code == 201, response.text
    batch: Json = response.get_json()
    return batch


def step(shop: Shop, slug: str, order_id: str, event: str, what: str, body: Json | None = None) -> None:
    data = shop.goody.step(order_id, what, body)
    told = {"event_type": f"order.{event}", "id": new_token(), "data": data}
    assert shop.deliver(json.dumps(told).encode(), slug=slug).status_code < 300
    shop.services.inbox.apply_due()


def cancel(shop: Shop, person: Person) -> None:
    """An order that is taken back, which Goody refuses first, in words that name the person."""
    path = f"/v1/orders/{ordered(shop, wish(shop, person))['orders'][0]['id']}/cancel"
    said = f"{person.name}'s can't be taken back"
    shop.goody.fail(kind="status", status=400, error=said, method="POST", path=path, count=1)
    assert shop.call("POST", path, headers=once()).status_code >= 400
    assert shop.call("POST", path, headers=once()).is_json


def refuse(shop: Shop, person: Person) -> None:
    """A checkout that Goody refuses, in words that name the person."""
    checkout = wish(shop, person)
    said = f"{person.name} can't be sent to"
    shop.goody.fail(kind="status", status=400, error=said, method="POST", path="/v1/order_batches", count=1)
    assert shop.complete(checkout).status_code == 422


def once() -> dict[str, str]:
    return {"Idempotency-Key": new_token()}


def rows(shop: Shop) -> list[Row]:
    """Every row of every table that the database has, mapped or not, as text."""
    vault = Vault([VAULT_KEY])
    engine = shop.services.sessions.engine
    with engine.connect() as connection:
        return [
            (name, tuple((column, plain(vault, name, column, value)) for column, value in row._mapping.items()))  # noqa: SLF001
            for name in sa.inspect(connection).get_table_names()
            for row in connection.execute(sa.text(f'SELECT * FROM "{name}"'))  # noqa: S608  a name of our own
        ]


def plain(vault: Vault, table: str, column: str, value: object) -> str:
    if value is None:
        return ""
    mapped = Base.metadata.tables.get(table)
    if mapped is not None and column in mapped.c and mapped.c[column].info.get("is_encrypted"):
        return vault.decrypt(str(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def places(held: list[Row], words: tuple[str, ...] | list[str]) -> set[str]:
    """The columns, as `table.column`, in which one of the words stands."""
    return {place for place, text in cells(held) if any(word in text for word in words)}


def cells(held: list[Row]) -> Iterator[tuple[str, str]]:
    for table, row in held:
        for column, text in row:
            yield f"{table}.{column}", text

"""What is erased is nowhere: every column of every table is looked into, and nobody else loses a letter."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from foundation.apps import PartnerApp
from foundation.database import Base
from foundation.encryption import Vault
from foundation.keys import KeyKind
from storefront.delivery.tables import Delivery
from tests.api.neighbours import second_app
from tests.api.people import Life, Person, Row, echo, live, places, rows
from tests.api.personal_columns import ERASED, FREE, KEPT
from tests.api.relaying import deliver, new_endpoint
from tests.integration.delivery.partner import Partner, partner_backend
from tests.shop import SLUG, VAULT_KEY, WEBHOOK_SECRET, Goody, Shop

PERSON: Final = Person("Quillonia", "+12025550143", "cust_of_both_apps")
NEIGHBOUR: Final = Person("Brambletta", "+12025550177", "cust_next_door")
NAMESAKE: Final = Person("Wexmoora", "+12025550188", "cust_of_both_apps")
EVERYWHERE: Final = {
    "checkouts.draft",
    "idempotency_keys.body",
    "order_batches.last_problem",
    "order_batches.payload",
    "order_changes.last_problem",
    "orders.individual_gift_link",
    "orders.payment_link",
    "orders.recipient_email",
    "orders.recipient_first_name",
    "orders.recipient_last_name",
    "orders.thank_you_note",
    "webhook_delivery_attempts.response_excerpt",
    "webhook_messages.body",
}
"""Where the person's words and links stand after the walk."""
LINKS: Final = {"orders.individual_gift_link", "orders.payment_link"}


@pytest.fixture
def partner() -> Iterator[Partner]:
    with partner_backend() as partner:
        yield partner


@pytest.fixture
def life(shop: Shop, partner: Partner) -> Life:
    """The person's, in a shop where a neighbour buys likewise and an endpoint repeats whatever it knows of them."""
    partner.answers["/hooks"] = echo(PERSON, NEIGHBOUR)
    new_endpoint(shop, partner.url(), event_types=["*"])
    life = live(shop, PERSON)
    live(shop, NEIGHBOUR)
    return life


@pytest.fixture
def elsewhere(shop: Shop, partner: Partner) -> Shop:
    """Another app of the same deployment, with a customer of the same id."""
    made = second_app(shop, webhook_secret=WEBHOOK_SECRET)
    services = shop.services
    services.catalog_sync.run(made.app_id)
    pk, sk = (services.apps.create_key("other", kind) for kind in (KeyKind.PUBLISHABLE, KeyKind.SECRET))
    with services.sessions.read() as session:
        goody_key = Vault([VAULT_KEY]).decrypt(session.get_one(PartnerApp, made.app_id).goody_api_key)
    other = Shop(services, Goody(shop.goody.base_url, goody_key), shop.clock, made.app_id, pk, sk)
    partner.answers["/other"] = echo(NAMESAKE)
    new_endpoint(other, partner.url("/other"), event_types=["*"])
    live(other, NAMESAKE, "other")
    other.goody.close()
    return other


def searched(shop: Shop, life: Life) -> set[str]:
    return places(rows(shop), [*PERSON.words, *life.links])


def about_others(held: list[Row], app_id: str) -> list[Row]:
    """What holds the neighbour's words, and all of the other app."""
    words = (*NEIGHBOUR.words, *NAMESAKE.words, NEIGHBOUR.customer_id, app_id)
    return sorted(row for row in held if any(word in text for _, text in row[1] for word in words))


def test_every_place_that_holds_the_person_is_in_the_export(shop: Shop, life: Life) -> None:
    assert searched(shop, life) == EVERYWHERE
    exported = shop.services.customers.export(SLUG, PERSON.customer_id)
    shown = {
        f"{section}.{name}"
        for section, listed in exported.items()
        if isinstance(listed, list)
        for row in listed
        for name, value in (row.items() if section != "idempotency_records" else [("body", row)])
        if any(word in json.dumps(value) for word in (*PERSON.words, *life.links))
    }
    assert {place.replace("idempotency_keys", "idempotency_records") for place in EVERYWHERE} == shown
    text = json.dumps(exported)
    assert len(exported["payment_methods"]) == 1
    assert not [word for word in (*NEIGHBOUR.words, NEIGHBOUR.customer_id, "client_secret") if word in text]


def test_erased_the_person_is_nowhere_and_nobody_else_loses_a_letter(shop: Shop, life: Life, elsewhere: Shop) -> None:
    before = rows(shop)
    others = about_others(before, elsewhere.app_id)
    assert places(before, NAMESAKE.words) == places(before, NEIGHBOUR.words) >= searched(shop, life) - LINKS
    counts = shop.services.customers.erase(SLUG, PERSON.customer_id)
    assert counts["webhook_delivery_attempts"] > 0
    assert searched(shop, life) == set()
    assert about_others(rows(shop), elsewhere.app_id) == others
    again = shop.services.customers.erase(SLUG, PERSON.customer_id)
    assert (again["webhook_delivery_attempts"], again["idempotency_records"], again["webhook_messages"]) == (0, 0, 0)


def test_what_an_endpoint_answers_later_is_not_kept(shop: Shop, life: Life, partner: Partner) -> None:
    shop.services.customers.erase(SLUG, PERSON.customer_id)
    with shop.services.sessions.read() as session:
        mine = sa.select(Delivery.id).where(Delivery.subject.in_([life.order_ids[0], life.batch_ids[0]]))
        delivery_ids = session.scalars(mine).all()
    told = len(partner.received)
    for delivery_id in delivery_ids:
        shop.services.deliveries.redeliver(shop.app_id, delivery_id)
    deliver(shop)
    again = partner.received[told:]
    assert len(again) == len(delivery_ids)
    answered = [partner.answers["/hooks"](message).body.decode() for message in again]
    assert any(PERSON.sender in answer for answer in answered), "the partner still knows them"
    assert searched(shop, life) == set()


def test_what_has_its_time_goes_by_itself(shop: Shop, life: Life) -> None:
    services = shop.services
    shop.clock.advance(days=2)
    services.idempotency.purge()
    assert searched(shop, life) == EVERYWHERE - {"idempotency_keys.body"}
    shop.clock.advance(days=30)
    services.retention.blank_due()
    assert searched(shop, life) == EVERYWHERE - {"idempotency_keys.body", "webhook_messages.body"}
    shop.clock.advance(days=61)
    services.retention.blank_due()
    services.event_retention.purge()
    assert searched(shop, life) == {place for place in EVERYWHERE if place.startswith("orders.")}


def test_of_every_column_it_is_decided_whether_it_may_hold_somebody() -> None:
    decided = {
        f"{table}.{column}" for each in (ERASED, KEPT, FREE) for table, columns in each.items() for column in columns
    }
    held = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type.dialect_impl(sqlite.dialect()), sa.String | sa.JSON | sa.LargeBinary)
    }
    assert held - decided == set(), "say in tests/api/personal_columns.py whether it may hold something about a person"
    assert decided - held == set(), "is stored no more"


def test_the_documentation_names_what_stays() -> None:
    text = Path("docs/security.md").read_text()
    unnamed = [f"{table}.{column}" for table, columns in KEPT.items() for column in columns]
    assert [place for place in unnamed if f"`{place}`" not in text] == []

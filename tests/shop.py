"""A storefront as tests hold it: the real services over a real database, in front of a real (emulated) Goody."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

import httpx
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from svix.webhooks import Webhook
from werkzeug.test import TestResponse

from foundation.apps import PartnerApp
from foundation.encryption import Vault
from foundation.http import HttpClient
from foundation.ids import new_id, new_token
from foundation.keys import KeyKind
from foundation.settings import Settings
from storefront.factory import create_app
from storefront.migrating import migrate
from storefront.services import Services, build_services

VAULT_KEY: Final = "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="
WEBHOOK_SECRET: Final = "whsec_" + base64.b64encode(b"secret of the tests only").decode()
SLUG: Final = "shop"
NO_LIMITS: Final[dict[str, Any]] = {
    f"limit_{whose}_per_minute": 0 for whose in ("public", "secret", "failed", "stream", "sending")
}
ADDRESS: Final = {
    "first_name": "Li",
    "last_name": "Wei",
    "address_1": "1 Main St",
    "city": "New York",
    "state": "NY",
    "postal_code": "10022",
    "country": "US",
}


class MovingClock:
    """The present, shifted by as much as a test likes."""

    def __init__(self) -> None:
        self._shift = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def advance(self, **duration: float) -> None:
        """Let this much time pass, e.g. `seconds=31`."""
        self._shift += timedelta(**duration)


@dataclass
class Goody:
    """The emulated Goody, seen from behind: what it holds, what it was asked, and how to make it fail."""

    base_url: str
    key: str
    _http: HttpClient = field(init=False)
    _control: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        self._http = HttpClient(self.base_url, headers=headers)
        # Nothing here speaks TLS, and reading the machine's certificates takes longer than most tests.
        options: dict[str, Any] = {"trust_env": False, "verify": False, "timeout": 60}
        self._control = httpx.Client(base_url=self.base_url, headers=headers, **options)

    def _json(self, path: str, body: object | None = None, *, is_post: bool = False) -> Any:
        answer = self._http.post(path, json.dumps(body or {}).encode()) if is_post else self._http.get(path)
        assert 200 <= answer.status < 300, answer.body
        return json.loads(answer.body) if answer.body else None

    @property
    def batches(self) -> list[dict[str, Any]]:
        """This app's batches, newest first."""
        found: list[dict[str, Any]] = self._json("/_emulator/order_batches")["data"]
        return found

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What this app asked, oldest first."""
        found: list[dict[str, Any]] = self._json("/_emulator/requests")["data"]
        return found

    def posts(self) -> int:
        """How many times a batch was sent."""
        return sum(each["method"] == "POST" and each["path"] == "/v1/order_batches" for each in self.requests)

    def order(self, order_id: str) -> dict[str, Any]:
        """An order as Goody tells it now."""
        found: dict[str, Any] = self._json(f"/v1/orders/{order_id}")
        return found

    def step(self, order_id: str, step: str, body: object | None = None) -> dict[str, Any]:
        """Let somebody take a step: open, accept, pay, ship, deliver, cancel, refund, thank_you_note."""
        if step == "accept" and body is None:
            body = {"mailing_address": ADDRESS}
        taken: dict[str, Any] = self._json(f"/_emulator/orders/{order_id}/{step}", body, is_post=True)
        return taken

    @property
    def transactions(self) -> list[dict[str, Any]]:
        """What was booked on this app's stored value account, oldest first."""
        found: list[dict[str, Any]] = self._json("/_emulator/stored_value")["transactions"]
        return found

    def spend(self, amount: int) -> None:
        """Let so much of the balance (cents) go elsewhere."""
        self._json("/_emulator/stored_value/withdrawals", {"amount": amount}, is_post=True)

    def fail(self, **rule: object) -> None:
        """Make it fail for this app alone: kind=status|delay|lost_answer, method, path, count, status, …."""
        self._json("/_emulator/faults", {"rules": [{"api_key": self.key, **rule}]}, is_post=True)

    def control(self, method: str, path: str, body: object = None) -> Any:
        """Ask something of the control API, for this app alone: quirks, chaos, scenarios, endpoints."""
        answer = self._control.request(method, f"/_emulator/{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def ask(self, path: str) -> Any:
        """Ask Goody something as the app does."""
        return self._json(path)

    def statement(self, which: str, **params: str) -> bytes:
        """A statement as CSV: of `stored_value` or of `payouts`."""
        answer = self._control.get(f"/_emulator/{which}/statement.csv", params=params)
        assert answer.is_success, answer.text
        return answer.content

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
        self._control.close()


@dataclass
class Shop:
    """One storefront with one app in it."""

    services: Services
    goody: Goody
    clock: MovingClock
    app_id: str
    pk: str
    sk: str

    @cached_property
    def flask(self) -> Flask:
        """The WSGI application."""
        return create_app(self.services)

    @property
    def client(self) -> FlaskClient:
        """A client that sends no key by itself."""
        return self.flask.test_client()

    def call(
        self,
        method: str,
        path: str,
        body: object | None = None,
        *,
        key: str | None = None,
        secret: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """Call the API with a key (the secret key unless told otherwise) and perhaps a checkout's secret."""
        sent = {"Authorization": f"Bearer {key or self.sk}", **(headers or {})}
        if secret is not None:
            sent["X-Checkout-Secret"] = secret
        return self.client.open(path, method=method, json=body, headers=sent)

    def under(self, **settings: Any) -> "Shop":
        """The same shop in a web process of its own, with other settings."""
        changed = replace(self.services, settings=replace(self.services.settings, **settings))
        return Shop(changed, self.goody, self.clock, self.app_id, self.pk, self.sk)

    def product(self, **fits: object) -> dict[str, Any]:
        """A product on sale in full: of fixed price and without variants, unless told otherwise."""
        wanted = {"price_is_variable": False, **fits}
        listed = self.call("GET", "/v1/products?limit=100").json or {}
        found = next(p for p in listed["data"] if all(p[name] == value for name, value in wanted.items()))
        detail: dict[str, Any] = self.call("GET", f"/v1/products/{found['id']}").get_json()
        return detail

    def wish(self, **changes: object) -> dict[str, Any]:
        """The body of a checkout that is ready at once."""
        product = self.product()
        return {
            "from_name": "Ana",
            "items": [{"product_id": product["id"], "quantity": 1}],
            "recipients": [{"first_name": "Li", "last_name": "Wei"}],
            **changes,
        }

    def checkout(self, *, key: str | None = None, **changes: object) -> dict[str, Any]:
        """A new checkout."""
        response = self.call("POST", "/v1/checkouts", self.wish(**changes), key=key)
        assert response.status_code == 201, response.text
        made: dict[str, Any] = response.get_json()
        return made

    def complete(
        self, checkout: dict[str, Any], *, idempotency_key: str | None = None, **request: object
    ) -> TestResponse:
        """Complete a checkout with the secret key; a new idempotency key unless one is given."""
        body = {"payment_mode": checkout["payment_mode"], **request}
        headers = {"Idempotency-Key": idempotency_key or new_token()}
        return self.call("POST", f"/v1/checkouts/{checkout['id']}/complete", body, headers=headers)

    def order(self) -> dict[str, Any]:
        """A gift ordered, as the API shows the order."""
        response = self.complete(self.checkout())
        assert response.status_code == 201, response.text
        ordered: dict[str, Any] = response.get_json()["orders"][0]
        return ordered

    def execute(self, statement: str, **values: object) -> None:
        """Change the database behind the services' back; `:name` stands for a value."""
        with self.services.sessions.engine.begin() as connection:
            connection.execute(sa.text(statement), values)

    def rewrite_document(self, product_id: str, **fields: object) -> None:
        """Change what is published of a product, as a later sync would."""
        with self.services.sessions.engine.begin() as connection:
            found = connection.execute(sa.text("SELECT document FROM listings WHERE id = :id"), {"id": product_id})
            document = json.dumps({**json.loads(found.scalar_one()), **fields}).encode()
            changed = {"id": product_id, "document": document}
            connection.execute(sa.text("UPDATE listings SET document = :document WHERE id = :id"), changed)

    def hear(
        self,
        event_type: str,
        data: object,
        *,
        svix_id: str | None = None,
        secret: str = WEBHOOK_SECRET,
        apply: bool = True,
    ) -> TestResponse:
        """Deliver a webhook of Goody's, signed as Svix signs, and let the worker's inbox job run once."""
        body = json.dumps({"event_type": event_type, "id": new_id("event"), "data": data})
        response = self.deliver(body.encode(), svix_id=svix_id, secret=secret)
        if apply:
            self.services.inbox.apply_due()
        return response

    def deliver(
        self,
        body: bytes,
        *,
        svix_id: str | None = None,
        secret: str = WEBHOOK_SECRET,
        sent_at: datetime | None = None,
        slug: str = SLUG,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """Post raw bytes to the webhook endpoint, with the signature that they would have."""
        message_id, moment = svix_id or new_id("msg"), sent_at or datetime.now(UTC)
        signed = {
            "svix-id": message_id,
            "svix-timestamp": str(int(moment.timestamp())),
            "svix-signature": Webhook(secret).sign(message_id, moment, body.decode("utf-8", "surrogateescape")),
        }
        return self.client.post(f"/webhooks/goody/{slug}", data=body, headers={**signed, **(headers or {})})

    def events(self) -> list[dict[str, Any]]:
        """Everything in the app's event log, oldest first (100 at most)."""
        found: list[dict[str, Any]] = self.call("GET", "/v1/events?limit=100").get_json()["data"]
        return found

    def event_types(self) -> list[str]:
        """Their types, without those about the catalog."""
        return [event["type"] for event in self.events() if not event["type"].startswith("catalog.")]


def settings_for(database_url: str) -> Settings:
    """Settings over this database. Tests ask more than any shopper, so there are no limits unless a test sets some."""
    return Settings(
        database_url=database_url,
        encryption_keys=[VAULT_KEY],
        allow_local_endpoints=True,
        stream_url="https://stream.example",
        **NO_LIMITS,
    )


def stock_template(database_url: str, goody_url: str) -> None:
    """Give a new database one app whose catalog is synced, and close it."""
    services = build_services(settings_for(database_url))
    migrate(services.sessions)
    made = services.apps.create(
        SLUG,
        goody_api_key="goody_token_commerce_template",
        goody_base_url=goody_url,
        webhook_secret=WEBHOOK_SECRET,
        default_mode="hosted_payment",
    )
    run = services.catalog_sync.run(made.app_id)
    assert run.status == "succeeded", run
    services.close()


@contextmanager
def open_shop(database_url: str, goody_url: str) -> Iterator[Shop]:
    """Open a copy of the template; its app gets a key at Goody that no other test has."""
    clock = MovingClock()
    services = build_services(settings_for(database_url), clock=clock)
    goody_key = f"goody_token_commerce_{new_token()}"
    with services.sessions.begin() as session:
        app = session.scalars(sa.select(PartnerApp)).one()
        app.goody_api_key = Vault([VAULT_KEY]).encrypt(goody_key)
        app.goody_base_url = goody_url
    goody = Goody(goody_url, goody_key)
    try:
        yield Shop(
            services,
            goody,
            clock,
            app.id,
            pk=services.apps.create_key(SLUG, KeyKind.PUBLISHABLE),
            sk=services.apps.create_key(SLUG, KeyKind.SECRET),
        )
    finally:
        goody.close()
        services.close()

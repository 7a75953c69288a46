"""`complete`: what it adds of its own to Goody's answer, on either database.

Every exchange with the (emulated) Goody is timed where it leaves the process; what is left of a request's time is ours.
The processor's share of it is told beside, since on a busy machine the rest is mostly waiting for a turn.
"""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from flask import Flask
from flask.testing import FlaskClient

from benchmarks import stand
from foundation.ids import new_token
from foundation.settings import Settings
from storefront.factory import create_app
from storefront.migrating import migrate
from storefront.services import build_services

SALES: Final = 200
WARM_UP: Final = 10
AIM: Final = 25.0
"""Milliseconds of own time at the 95th percentile."""
PRODUCTS: Final = 200


@dataclass(frozen=True, slots=True)
class Times:
    """Of one completion, in milliseconds: our own, the processor's part of that, and Goody's answer."""

    own: float
    worked: float
    goody: float


@dataclass
class TimedTransport(httpx.BaseTransport):
    """Passes requests on, and counts the milliseconds until their answers were read; of them, the processor's."""

    spent: float = 0.0
    worked: float = 0.0
    _through: httpx.HTTPTransport = field(default_factory=httpx.HTTPTransport)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """What the other side answers, read to its end."""
        began, work = time.perf_counter(), time.process_time()
        answer = self._through.handle_request(request)
        answer.read()
        self.spent += (time.perf_counter() - began) * 1000
        self.worked += (time.process_time() - work) * 1000
        return answer

    def close(self) -> None:
        """Close its connections."""
        self._through.close()


def measure_complete(database: str) -> Iterator[str]:
    """A line: own time and Goody's, at the median and the 95th percentile."""
    with stand.folder() as place, stand.emulator(place, PRODUCTS) as goody, stand.database(place, database) as url:
        yield _line(database, _sell(url, goody))


def _sell(database_url: str, goody_url: str) -> list[Times]:
    """What each completion took."""
    wire = TimedTransport()
    settings = Settings(database_url=database_url, encryption_keys=[stand.new_key()], limit_secret_per_minute=0)
    services = build_services(settings, transport=wire)
    migrate(services.sessions)
    made = stand.new_app(services, goody_url, "bench")
    services.catalog_sync.run(made.app_id)
    client = _client(create_app(services), made.secret_key)
    product = next(p for p in client.get("/v1/products?limit=100").get_json()["data"] if not p["price_is_variable"])
    times = [_complete(client, wire, product["id"]) for _ in range(WARM_UP + SALES)]
    services.close()
    return times[WARM_UP:]


def _complete(client: FlaskClient, wire: TimedTransport, product_id: str) -> Times:
    wish = {"from_name": "Ana", "items": [{"product_id": product_id}], "recipients": [{"first_name": "Li"}]}
    checkout: dict[str, Any] = client.post("/v1/checkouts", json=wish).get_json()
    wire.spent = wire.worked = 0.0
    began, work = time.perf_counter(), time.process_time()
    answer = client.post(
        f"/v1/checkouts/{checkout['id']}/complete",
        json={"payment_mode": "hosted_payment"},
        headers={"Idempotency-Key": new_token()},
    )
    worked = (time.process_time() - work) * 1000 - wire.worked
    whole = (time.perf_counter() - began) * 1000
    if answer.status_code != 201:  # noqa: PLR2004  made
        raise AssertionError(answer.text)
    return Times(whole - wire.spent, worked, wire.spent)


def _client(app: Flask, key: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    return client


def _line(database: str, times: list[Times]) -> str:
    own, worked, goody = (_figures([getattr(each, name) for each in times]) for name in ("own", "worked", "goody"))
    verdict = "within" if own[1] <= AIM else "ABOVE"
    return (
        f"complete on {database:<12} own {_said(own)}, of which processor {_said(worked)}   "
        f"the emulator's answer {_said(goody)}   ({len(times)} sales; {verdict} the aim of {AIM:.0f} ms at p95)"
    )


def _figures(values: list[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    return statistics.median(values), statistics.quantiles(values, n=20)[-1]


def _said(figures: tuple[float, float]) -> str:
    return f"{figures[0]:.1f} ms p50 {figures[1]:.1f} ms p95"

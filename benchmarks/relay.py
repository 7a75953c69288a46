"""The payment link on its way: from Goody's webhook to the partner's endpoint, through a web process and a worker."""

import base64
import json
import random
import statistics
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from svix.webhooks import Webhook

from benchmarks import stand
from benchmarks.machine import SERVER_CORE, BenchmarkError, Server
from foundation.clock import utc_now
from foundation.http import HttpClient
from foundation.ids import new_token
from storefront.delivery.endpoints import Wish
from storefront.demo.processes import Processes, program
from storefront.factory import create_app
from storefront.services import Services

AIM: Final = 250.0
"""Milliseconds at the 95th percentile."""
LINKS: Final = 100
WARM_UP: Final = 10
PRODUCTS: Final = 200
PATIENCE: Final = 60.0
GOODY_KEY: Final = "goody_token_commerce_bench"
SECRET: Final = "whsec_" + base64.b64encode(b"secret of the benchmark").decode()
READY: Final = "order.payment_link_ready"
ADDRESS: Final = {"address_1": "1 Main St", "city": "New York", "state": "NY", "postal_code": "10022", "country": "US"}


class Arrivals:
    """When the link of which order came to the partner's endpoint."""

    def __init__(self) -> None:
        self.url = ""
        self._at: dict[str, float] = {}
        self._news = threading.Condition()

    def note(self, body: bytes) -> None:
        """A message has come in just now."""
        now = time.perf_counter()
        event = json.loads(body)
        if event["type"] == READY:
            with self._news:
                self._at.setdefault(event["data"]["id"], now)
                self._news.notify_all()

    def wait(self, order_id: str) -> float:
        """When the order's link came. BenchmarkError if it does not."""
        with self._news:
            if not self._news.wait_for(lambda: order_id in self._at, PATIENCE):
                raise BenchmarkError(f"The link of order {order_id} did not reach the endpoint in {PATIENCE:g} s.")
            return self._at[order_id]


def measure_relay(database: str) -> Iterator[str]:
    """A line: from the webhook's first byte to the message in the endpoint's hands, at the median and at p95."""
    with (
        stand.folder() as place,
        stand.emulator(place, PRODUCTS) as goody,
        stand.database(place, database) as url,
        _endpoint() as arrivals,
    ):
        key = stand.new_key()
        with stand.services_over(url, key, allow_local_endpoints=True) as services:
            orders = _orders(services, goody, arrivals)
        settings = {"ALLOW_LOCAL_ENDPOINTS": "true", "ACTIVITY_INTERVAL_SECONDS": "3600"}
        with stand.storefront(url, key, SERVER_CORE, **settings) as web, _worker(place, url, key, settings):
            times = [_relay(web, goody, arrivals, order_id) for order_id in orders]
        yield _line(database, times[WARM_UP:])


def _orders(services: Services, goody: str, arrivals: Arrivals) -> list[str]:
    """Gifts ordered and opened; their recipients are about to accept."""
    made = services.apps.create(
        "bench",
        goody_api_key=GOODY_KEY,
        goody_base_url=goody,
        webhook_secret=SECRET,
        default_mode="hosted_payment",
    )
    services.catalog_sync.run(made.app_id)
    client = create_app(services).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {made.secret_key}"
    product = next(p for p in client.get("/v1/products?limit=100").get_json()["data"] if not p["price_is_variable"])
    wish = {"from_name": "Ana", "items": [{"product_id": product["id"]}], "recipients": [{"first_name": "Li"}]}
    orders = []
    for _ in range(WARM_UP + LINKS):
        checkout = client.post("/v1/checkouts", json=wish).get_json()
        path, body = f"/v1/checkouts/{checkout['id']}/complete", {"payment_mode": "hosted_payment"}
        batch = client.post(path, json=body, headers={"Idempotency-Key": new_token()}).get_json()
        orders.append(batch["orders"][0]["id"])
    services.webhook_endpoints.create(made.app_id, Wish(url=arrivals.url))
    return orders


def _relay(web: Server, goody: str, arrivals: Arrivals, order_id: str) -> float:
    """Milliseconds for one link."""
    with HttpClient(goody, headers={"Authorization": f"Bearer {GOODY_KEY}"}) as emulator:
        emulator.post(f"/_emulator/orders/{order_id}/open", b"{}")
        accepted = emulator.post(
            f"/_emulator/orders/{order_id}/accept", json.dumps({"mailing_address": ADDRESS}).encode()
        )
    message = {"event_type": "order.gift_accepted", "id": new_token(), "data": json.loads(accepted.body)}
    body, headers = _signed(message)
    # At any moment of the jobs' intervals.
    time.sleep(random.uniform(0.05, 0.4))  # noqa: S311  no secret
    with HttpClient(f"http://127.0.0.1:{web.port}") as sender:
        began = time.perf_counter()
        answer = sender.post("/webhooks/goody/bench", body, headers=headers)
    if answer.status != 204:  # noqa: PLR2004  taken
        raise BenchmarkError(f"The webhook was not taken: {answer.body!r}")
    return (arrivals.wait(order_id) - began) * 1000


def _signed(message: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    body, message_id, moment = json.dumps(message), f"msg_{new_token()}", utc_now()
    signature = Webhook(SECRET).sign(message_id, moment, body)
    stamp = str(int(moment.timestamp()))
    return body.encode(), {"svix-id": message_id, "svix-timestamp": stamp, "svix-signature": signature}


@contextmanager
def _worker(place: Path, url: str, key: str, settings: Mapping[str, str]) -> Iterator[None]:
    environ = {"STOREFRONT_DATABASE_URL": url, "STOREFRONT_ENCRYPTION_KEYS": key, "STOREFRONT_LOG_LEVEL": "WARNING"}
    environ |= {f"STOREFRONT_{name}": value for name, value in settings.items()}
    with Processes(place, environ) as processes:
        processes.start("worker", [program("storefront"), "worker"])
        yield


@contextmanager
def _endpoint() -> Iterator[Arrivals]:
    arrivals = Arrivals()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            arrivals.note(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    arrivals.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield arrivals
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _line(database: str, times: list[float]) -> str:
    median, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    verdict = "within" if p95 <= AIM else "ABOVE"
    return (
        f"payment link on {database:<12} webhook to endpoint {median:.0f} ms p50 {p95:.0f} ms p95, at most "
        f"{max(times):.0f} ms ({len(times)} links; {verdict} the aim of {AIM:.0f} ms at p95)"
    )

"""Browsing 6,000 products, called as WSGI in one process, against a bare Flask view returning the same bytes."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, Response
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from benchmarks.measuring import Measured, compare
from catalog_sync.browsing.catalog import ProductQuery
from foundation.encryption import generate_key
from foundation.settings import Settings
from storefront.demo.processes import Processes, choose_port, program
from storefront.factory import create_app
from storefront.migrating import migrate
from storefront.services import Services, build_services

PRODUCTS = 6000


def measure_browse() -> Iterator[Measured]:
    """Lists, one product, and 304."""
    with tempfile.TemporaryDirectory() as folder, _stocked(Path(folder)) as (services, key):
        app = create_app(services)
        listed = _get(app, "/v1/products", key)
        body, etag = b"".join(listed[0]), listed[2]["ETag"]
        bare = Flask("bare")
        bare.add_url_rule("/v1/products", view_func=lambda: Response(body, mimetype="application/json"))
        product_id = services.catalog.products(services.apps.all()[0].id, _first()).documents[0][7:43].decode()

        def subject(path: str, **headers: str) -> Callable[[], object]:
            return lambda: _get(app, path, key, **headers)

        for name, call in (
            ("GET /v1/products (24 of 6,000)", subject("/v1/products")),
            ("GET /v1/products?sort=price&price_min=5000", subject("/v1/products?sort=price&price_min=5000")),
            ("GET /v1/products, known ETag (304)", subject("/v1/products", If_None_Match=etag)),
            ("GET /v1/products/{id}", subject(f"/v1/products/{product_id}")),
        ):
            yield compare(name, call, "bare Flask view", lambda: _get(bare, "/v1/products", key))


def _first() -> ProductQuery:
    return ProductQuery(limit=1)


def _get(app: Flask, path: str, key: str, **headers: str) -> tuple[list[bytes], str, dict[str, str]]:
    sent = {"Authorization": f"Bearer {key}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    chunks, status, answered = run_wsgi_app(
        app, EnvironBuilder(path=path, headers=Headers(sent)).get_environ(), buffered=True
    )
    return list(chunks), status, dict(answered)


@contextmanager
def _stocked(folder: Path) -> Iterator[tuple[Services, str]]:
    port = choose_port(None, None, None)
    with Processes(folder, {}) as processes:
        processes.start(
            "emulator", [program("goody-emulator"), "serve", "--port", str(port), "--products", str(PRODUCTS)]
        )
        services = build_services(
            Settings(database_url=f"sqlite:///{folder / 'bench.db'}", encryption_keys=[generate_key()])
        )
        migrate(services.sessions)
        made = services.apps.create(
            "bench",
            goody_api_key="goody_token_commerce_bench",
            goody_base_url=f"http://127.0.0.1:{port}",
            webhook_secret=None,
            default_mode="hosted_payment",
        )
        processes.wait_until("The sync", lambda: services.catalog_sync.run(made.app_id).status == "succeeded")
        yield services, made.publishable_key
        services.close()

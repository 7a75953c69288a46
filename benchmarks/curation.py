"""Publishing a new rule set over 10,000 products, and how browsing fares meanwhile.

The set is published over REST, asked of the process that serves the readers. Programs may run on any core.
"""

import json
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from benchmarks import stand
from benchmarks.load import Load
from benchmarks.machine import BenchmarkError, Generator
from benchmarks.measuring import Ratio
from catalog_sync.curation.model import Curation
from catalog_sync.curation.starter import starter
from foundation.http import HttpClient
from storefront.services import Services

PRODUCTS: Final = 10_000
ROUNDS: Final = 6
READERS: Final = 2
STEADY: Final = 500.0
"""Requests a second that a busy shop has: a few times what common frameworks can answer at all."""
PUBLISH_AIM: Final = 2.0
SLOWER_AIM: Final = 2.0
PATHS: Final = ["/v1/products", "/v1/products?sort=price", "/v1/products?q=tea", "/v1/products?price_min=2000"]

_numbers: Final = count(1)


@dataclass(frozen=True, slots=True)
class _Figures:
    """Of each publication: its seconds; the p99 of browsing before it and during it, in milliseconds."""

    taken: list[float] = field(default_factory=list)
    usual: list[float] = field(default_factory=list)
    during: list[float] = field(default_factory=list)


def measure_curation(database: str) -> Iterator[str]:
    """Each figure as a line."""
    with ExitStack() as stack:
        place = stack.enter_context(stand.folder())
        secret = stand.new_key()
        url = stack.enter_context(stand.database(place, database))
        services = stack.enter_context(stand.services_over(url, secret))
        with stand.emulator(place, PRODUCTS) as goody:
            app = stand.stocked(services, goody)
        server = stack.enter_context(stand.storefront(url, secret, core=None))
        generator = stack.enter_context(Generator(core=None))
        backend = stack.enter_context(
            HttpClient(f"http://127.0.0.1:{server.port}", headers={"Authorization": f"Bearer {app.secret_key}"})
        )
        headers = {"Authorization": f"Bearer {app.publishable_key}"}
        steady = Load(server.port, PATHS, headers, PUBLISH_AIM, READERS, STEADY)
        found = _rounds(services, backend, generator, steady)
        taken = statistics.median(found.taken)
        missed = "" if taken < PUBLISH_AIM else ", MISSED"
        yield f"new rule set published over {PRODUCTS} products on {database}: {taken:.2f} s   aim: under 2 s{missed}"
        yield _line(f"p99 of {STEADY:.0f} requests a second meanwhile", found, SLOWER_AIM)
        found = _rounds(services, backend, generator, Load(server.port, PATHS, headers, PUBLISH_AIM, READERS))
        yield f"the same while {READERS} readers ask as fast as they can: {statistics.median(found.taken):.2f} s"
        yield _line("p99 of these readers meanwhile", found, None)


def _line(name: str, found: _Figures, aim: float | None) -> str:
    usual, during = statistics.median(found.usual), statistics.median(found.during)
    return str(Ratio(name, during, "usual", usual, "ms", at_most=aim))


def _rounds(services: Services, backend: HttpClient, generator: Generator, load: Load) -> _Figures:
    found = _Figures()
    (app,) = services.apps.all()
    generator.run(load)
    with ThreadPoolExecutor(1) as pool:
        for _ in range(ROUNDS):
            services.curation.drafts.replace(app.id, Curation())
            _publish(backend)
            found.usual.append(generator.run(load).p99 * 1000)
            services.curation.drafts.replace(app.id, starter())
            browsing = pool.submit(generator.run, load)
            began = time.perf_counter()
            _publish(backend)
            found.taken.append(time.perf_counter() - began)
            found.during.append(browsing.result().p99 * 1000)
    return found


def _publish(backend: HttpClient) -> None:
    key = {"Idempotency-Key": f"benchmark-{next(_numbers)}"}
    answer = backend.post("/v1/curation/publish", json.dumps({"note": "benchmark"}).encode(), headers=key)
    if answer.status != 201:  # noqa: PLR2004  created
        raise BenchmarkError(f"The rule set was not published: {answer.body.decode()}")

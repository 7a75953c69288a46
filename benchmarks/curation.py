"""Publishing a new rule set over 10,000 products, and how browsing fares meanwhile."""

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Final

from benchmarks import stand
from benchmarks.load import Load
from benchmarks.machine import Generator
from benchmarks.measuring import Ratio
from catalog_sync.curation.model import Curation
from catalog_sync.curation.starter import starter
from storefront.services import Services

PRODUCTS: Final = 10_000
ROUNDS: Final = 4
READERS: Final = 2
"""Connections: enough to keep the server busy, and not so many that all time is spent in the queue before it."""
PUBLISH_AIM: Final = 2.0
SLOWER_AIM: Final = 2.0
PATHS: Final = ["/v1/products", "/v1/products?sort=price", "/v1/products?q=tea", "/v1/products?price_min=2000"]


def measure_curation(database: str) -> Iterator[str]:
    """Each figure as a line."""
    with ExitStack() as stack:
        place = stack.enter_context(stand.folder())
        secret = stand.new_key()
        url = stack.enter_context(stand.database(place, database))
        services = stack.enter_context(stand.services_over(url, secret))
        with stand.emulator(place, PRODUCTS) as goody:
            key = stand.stocked(services, goody)
        server = stack.enter_context(stand.storefront(url, secret))
        generator = stack.enter_context(Generator())
        load = Load(server.port, PATHS, {"Authorization": f"Bearer {key}"}, PUBLISH_AIM, READERS)
        taken, usual, during = _rounds(services, generator, load)
        missed = "" if taken < PUBLISH_AIM else ", MISSED"
        yield f"new rule set published over {PRODUCTS} products on {database}: {taken:.2f} s   aim: under 2 s{missed}"
        yield str(Ratio("p99 of browsing while it is published", during, "usual", usual, "ms", at_most=SLOWER_AIM))


def _rounds(services: Services, generator: Generator, load: Load) -> tuple[float, float, float]:
    """Medians: seconds of a publish, and milliseconds of the p99 before and during it."""
    taken, usual, during = [], [], []
    (app,) = services.apps.all()
    generator.run(load)
    with ThreadPoolExecutor(1) as pool:
        for _ in range(ROUNDS):
            # There and back: the set is a new one each time.
            for curation in (starter(), Curation()):
                usual.append(generator.run(load).p99 * 1000)
                browsing = pool.submit(generator.run, load)
                services.curation.drafts.replace(app.id, curation)
                began = time.perf_counter()
                services.curation.publishing.publish(app.id, "benchmark")
                taken.append(time.perf_counter() - began)
                during.append(browsing.result().p99 * 1000)
    return statistics.median(taken), statistics.median(usual), statistics.median(during)

"""Syncing 10,000 products from a Goody that takes 100 ms a page, beside fetching the same pages and doing nothing."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from typing import Final

from benchmarks import stand
from benchmarks.machine import BenchmarkError
from benchmarks.measuring import Ratio, in_turns
from foundation.http import HttpClient
from storefront.services import Services

PRODUCTS: Final = 10_000
PAGE_SECONDS: Final = 0.1
AT_ONCE: Final = 8
ROUNDS: Final = 3
LISTINGS: Final = ("/v1/products", "/v1/brands", "/v1/cards", "/v1/collections")
FIRST_AIM: Final = {"sqlite": 2.0, "postgresql": 2.5}
UNCHANGED_AIM: Final = 1.25
HEADERS: Final = {"Authorization": "Bearer goody_token_commerce_bench"}


def measure_sync(database: str) -> Iterator[str]:
    """Each figure as a line."""
    with ExitStack() as stack:
        place = stack.enter_context(stand.folder())
        url = stack.enter_context(stand.database(place, database))
        goody = stack.enter_context(stand.emulator(place, PRODUCTS))
        services = stack.enter_context(stand.services_over(url, stand.new_key()))
        slow_down(goody)
        first, again = _runs(services, goody)
        found = in_turns({"fetch": lambda: bare_fetch(goody), "first": first, "again": again}, ROUNDS)
        yield f"{PRODUCTS} products on {database}; {PAGE_SECONDS * 1000:.0f} ms a page, {AT_ONCE} at a time"
        for name, subject, aim in (
            ("first run, publishing included", "first", FIRST_AIM[database]),
            ("unchanged run", "again", UNCHANGED_AIM),
        ):
            yield str(Ratio(name, found[subject], "bare fetch", found["fetch"], "s", at_most=aim))


def slow_down(goody: str) -> None:
    """Let every page of Goody's take its time."""
    rule = {"kind": "delay", "method": "GET", "path": "/v1/*", "seconds": PAGE_SECONDS, "probability": 1}
    with HttpClient(goody) as http:
        answer = http.post("/_emulator/faults", json.dumps({"rules": [rule]}).encode())
    if answer.status >= 300:  # noqa: PLR2004  anything but done
        raise BenchmarkError(f"The emulator took no delay: {answer.body.decode()}")


def bare_fetch(goody: str) -> float:
    """Seconds for all pages of all listings, as bytes that nobody looks at."""
    began = time.perf_counter()
    with HttpClient(goody, headers=HEADERS, connections=AT_ONCE) as http, ThreadPoolExecutor(AT_ONCE) as pool:

        def fetch(path: str) -> bytes:
            return http.get(path).body

        firsts = pool.map(fetch, [f"{listing}?page=1&per_page=100" for listing in LISTINGS])
        rest = [
            f"{listing}?page={page}&per_page=100"
            for listing, first in zip(LISTINGS, firsts, strict=True)
            for page in range(2, -(-json.loads(first)["list_meta"]["total_count"] // 100) + 1)
        ]
        for _ in pool.map(fetch, rest):
            pass
    return time.perf_counter() - began


def _runs(services: Services, goody: str) -> tuple[Callable[[], float], Callable[[], float]]:
    """The first run of a new app each time, and another run of the app made last."""
    numbers = count(1)
    latest = ""

    def timed() -> float:
        began = time.perf_counter()
        run = services.catalog_sync.run(latest)
        if run.status != "succeeded":
            raise BenchmarkError(f"The run did not succeed: {run.error}")
        return time.perf_counter() - began

    def first() -> float:
        nonlocal latest
        latest = stand.new_app(services, goody, f"bench-{next(numbers)}").app_id
        return timed()

    def again() -> float:
        if not latest:
            first()
        return timed()

    return first, again

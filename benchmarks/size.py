"""What the size of the catalog costs: 100,000 products beside 1,000, asked over real HTTP, and the memory of a sync."""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks import stand
from benchmarks.browse import Bench
from benchmarks.machine import BenchmarkError, Generator, Server
from benchmarks.measuring import Ratio, in_turns
from foundation.http import HttpClient
from foundation.logs import configure_logs

SMALL: Final = 1_000
LARGE: Final = 100_000
DEEP: Final = 0.9
"""How far into the catalog the deep page is."""
TIME_AIM: Final = 1.5
MEMORY_AIM: Final = 300
SYNC: Final = "import sys; from benchmarks.size import sync_here; sync_here(*sys.argv[1:])"
PATHS: Final = {
    "list": "/v1/products",
    "filter and sort": "/v1/products?sort=-price&price_min=3000",
    "next page, deep": "",
}


def sync_here(url: str, secret: str, goody: str) -> None:
    """Sync a new app in this process; print its key and the most megabytes that the process ever held."""
    configure_logs("console", "WARNING")
    with stand.services_over(url, secret) as services:
        key = stand.stocked(services, goody).publishable_key
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    print(json.dumps([key, peak]))


def measure_size(database: str) -> Iterator[str]:
    """Each figure as a line."""
    with ExitStack() as stack:
        secret = stand.new_key()
        found: dict[int, tuple[Server, str, str]] = {}
        for products in (SMALL, LARGE):
            place = stack.enter_context(stand.folder())
            url = stack.enter_context(stand.database(place, database))
            key, megabytes = _synced(place, url, secret, products)
            if products == LARGE:
                missed = "" if megabytes < MEMORY_AIM else ", MISSED"
                yield (
                    f"peak memory of a sync of {products} products on {database}: {megabytes:.0f} MB"
                    f"   aim: under {MEMORY_AIM} MB{missed}"
                )
            server = stack.enter_context(stand.storefront(url, secret, RESPONSE_CACHE_MEGABYTES="0"))
            found[products] = server, key, _deep(server, key, products)
        yield from _compared(stack.enter_context(Generator()), found)


def _compared(generator: Generator, found: dict[int, tuple[Server, str, str]]) -> Iterator[str]:
    measures = {}
    for products, (server, key, deep) in found.items():
        bench = Bench(generator, key)
        for name, path in PATHS.items():
            measures[f"{name} {products}"] = bench.rate(name, server, lambda asked=path or deep: [asked])  # type: ignore[misc]
    rates = in_turns(measures)
    for name in PATHS:
        small, large = 1000 / rates[f"{name} {SMALL}"], 1000 / rates[f"{name} {LARGE}"]
        yield str(Ratio(f"{name}, of {LARGE} products", large, f"{SMALL} products", small, "ms", at_most=TIME_AIM))


def _synced(place: Path, url: str, secret: str, products: int) -> tuple[str, float]:
    with stand.emulator(place, products) as goody:
        command = [sys.executable, "-c", SYNC, url, secret, goody]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)  # noqa: S603  our own program
    if done.returncode:
        raise BenchmarkError(f"The sync of {products} products failed; its complaint is above.")
    key, megabytes = json.loads(done.stdout)
    return key, megabytes


def _deep(server: Server, key: str, products: int) -> str:
    """The path of a page near the end of the catalog."""
    cursor = ""
    with HttpClient(f"http://127.0.0.1:{server.port}", headers={"Authorization": f"Bearer {key}"}) as http:
        for _ in range(int(products * DEEP) // 100):
            page = json.loads(http.get(f"/v1/products?limit=100{cursor}").body)
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
    return f"/v1/products?limit=24{cursor}"

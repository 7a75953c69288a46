"""Browsing over real HTTP: cached and uncached answers beside a bare WSGI application and a bare Flask view."""

import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from typing import Final

from benchmarks import stand
from benchmarks.load import Load
from benchmarks.machine import TOO_BUSY, BenchmarkError, Generator, Server
from benchmarks.measuring import Ratio, in_turns
from foundation.http import HttpClient

PRODUCTS: Final = 10_000
SECONDS: Final = 1.0
DISTINCT: Final = 5000
"""How many different questions are asked in a round, before one is asked again."""
FILTERED: Final = "/v1/products?price_min=2000&price_max=90000&sort=price"
WORD: Final = re.compile(r"[A-Za-z]{4,}")

Paths = Callable[[], list[str]]


class Bench:
    """Asks servers under one key, and sums up what it cost them."""

    def __init__(self, generator: Generator, key: str) -> None:
        self._generator = generator
        self._headers = {"Authorization": f"Bearer {key}"}
        self._spent: dict[str, tuple[int, float]] = {}
        self.busiest = 0.0

    def rate(self, name: str, server: Server, paths: Paths, **more: str) -> Callable[[], float]:
        """Requests a second, measured anew with each call. BenchmarkError if one is refused."""

        def measure() -> float:
            before = server.cpu_seconds()
            load = Load(server.port, paths(), {**self._headers, **_header_names(more)}, SECONDS)
            outcome = self._generator.run(load)
            wrong = {status: number for status, number in outcome.statuses.items() if status not in {"200", "304"}}
            if wrong:
                raise BenchmarkError(f"{load.paths[0]} was answered with {wrong}.")
            requests, cpu = self._spent.get(name, (0, 0.0))
            self._spent[name] = requests + outcome.requests, cpu + server.cpu_seconds() - before
            self.busiest = max(self.busiest, outcome.busy)
            return outcome.rate

        return measure

    def per_cpu_second(self, name: str) -> float | None:
        """Requests a second of the server's processor time, which other programs blur less; None if unknown."""
        requests, cpu = self._spent[name]
        return requests / cpu if cpu else None


def measure_browse(database: str) -> Iterator[str]:
    """Each figure as a line."""
    with ExitStack() as stack:
        place = stack.enter_context(stand.folder())
        secret = stand.new_key()
        url = stack.enter_context(stand.database(place, database))
        with stand.emulator(place, PRODUCTS) as goody, stand.services_over(url, secret) as services:
            key = stand.stocked(services, goody).publishable_key
        cached = stack.enter_context(stand.storefront(url, secret))
        uncached = stack.enter_context(stand.storefront(url, secret, RESPONSE_CACHE_MEGABYTES="0"))
        body, etag, product_id = _first_answer(cached, key)
        bare = stack.enter_context(stand.baselines(place, body))
        bench = Bench(stack.enter_context(Generator()), key)
        subjects: dict[str, tuple[Server, Paths, dict[str, str]]] = {
            "wsgi": (bare["wsgi"], _always("/v1/products"), {}),
            "list": (cached, _always(FILTERED), {}),
            "304": (cached, _always(FILTERED), {"If_None_Match": etag}),
            "product": (cached, _always(f"/v1/products/{product_id}"), {}),
            "flask": (bare["flask"], _always("/v1/products"), {}),
            "uncached": (uncached, _always("/v1/products"), {}),
            "sorted": (uncached, _distinct("/v1/products?sort=price&price_min={}"), {}),
            "found": (uncached, _searches(_names(cached, key)), {}),
        }
        rates = in_turns(
            {name: bench.rate(name, server, paths, **more) for name, (server, paths, more) in subjects.items()}
        )
        yield f"{PRODUCTS} products on {database}; servers on one core, load on another"
        yield from _lines(bench, rates)


ROWS: Final = (
    ("repeated GET /v1/products with filters", "list", "wsgi", 0.6),
    ("the same, known (304)", "304", "wsgi", 0.6),
    ("repeated GET /v1/products/{id}", "product", "wsgi", 0.6),
    ("list, not cached", "uncached", "flask", 0.3),
    ("filter and sort, each time another", "sorted", "flask", 0.3),
    ("full text, each time another", "found", "flask", 0.3),
)
BASELINES: Final = {"wsgi": "bare WSGI app", "flask": "bare Flask view"}


def _lines(bench: Bench, rates: dict[str, float]) -> Iterator[str]:
    if bench.busiest > TOO_BUSY:
        yield f"The load generator used {bench.busiest:.0%} of a core at most: the highest rates may be its own limit."
    for name, subject, baseline, aim in ROWS:
        cost, bare_cost = bench.per_cpu_second(subject), bench.per_cpu_second(baseline)
        note = f"by CPU time {cost / bare_cost:.2f} ×" if cost and bare_cost else ""
        yield str(Ratio(name, rates[subject], BASELINES[baseline], rates[baseline], "/s", at_least=aim, note=note))


def _first_answer(server: Server, key: str) -> tuple[bytes, str, str]:
    """The body of the list that is repeated, its tag, and the id of a product on it."""
    with HttpClient(f"http://127.0.0.1:{server.port}", headers={"Authorization": f"Bearer {key}"}) as http:
        listed = http.get(FILTERED)
    return listed.body, listed.headers["etag"], json.loads(listed.body)["data"][0]["id"]


def _header_names(more: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in more.items()}


def _always(path: str) -> Paths:
    return lambda: [path]


def _distinct(path: str) -> Paths:
    numbers = count(1)
    return lambda: [path.format(next(numbers) % 20_000) for _ in range(DISTINCT)]


def _names(server: Server, key: str) -> list[str]:
    """Names of products."""
    with HttpClient(f"http://127.0.0.1:{server.port}", headers={"Authorization": f"Bearer {key}"}) as http:
        listed = http.get("/v1/products?limit=100")
    return [product["name"] for product in json.loads(listed.body)["data"]]


def _searches(names: list[str]) -> Paths:
    """Beginnings of two words of a name, as they stand there when somebody types."""
    dice, numbers = random.Random(1), count(1)  # noqa: S311  no secret
    named = [words for words in map(WORD.findall, names) if words]

    def typed(words: list[str]) -> str:
        return "+".join(word[: dice.randint(3, len(word))] for word in dice.choices(words, k=2))

    def search() -> str:
        return f"/v1/products?q={typed(dice.choice(named))}&price_min={next(numbers) % 20_000}"

    return lambda: [search() for _ in range(DISTINCT)]

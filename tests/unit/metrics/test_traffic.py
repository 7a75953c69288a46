"""Counting requests: in one process, and over several that come and go."""

import os
import subprocess
import sys
from pathlib import Path

from prometheus_client import CollectorRegistry

from storefront.metrics.counts import BUCKETS, Kind
from storefront.metrics.jobs import JobMetrics
from storefront.metrics.requests import Requests
from storefront.metrics.traffic import MOST_PENDING, Traffic
from tests.patience import until

LIST: Kind = ("/v1/products", "GET", "200", "hit")
MISSED: Kind = ("/v1/products", "GET", "200", "miss")
KNOWN: Kind = ("/v1/products", "GET", "304", "hit")
ORDER: Kind = ("/v1/orders", "POST", "201", "none")
CHILD = """
import sys
from pathlib import Path
from storefront.metrics.traffic import Traffic
traffic = Traffic(Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    traffic.count(("/v1/products", "GET", "200", "hit"), 0.002)
traffic.write()
"""


def registry_of(traffic: Traffic) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Requests(traffic))
    return registry


def requests(registry: CollectorRegistry, route: str, method: str, status: str) -> float | None:
    labels = {"route": route, "method": method, "status": status}
    return registry.get_sample_value("storefront_http_requests_total", labels)


def test_requests_are_counted_by_route_method_and_status() -> None:
    traffic = Traffic()
    for kind, number in ((LIST, 3), (MISSED, 2), (KNOWN, 4), (ORDER, 1)):
        for _ in range(number):
            traffic.count(kind, 0.0002)
    registry = registry_of(traffic)
    assert requests(registry, "/v1/products", "GET", "200") == 5
    assert requests(registry, "/v1/products", "GET", "304") == 4
    assert requests(registry, "/v1/orders", "POST", "201") == 1
    cached = [registry.get_sample_value("storefront_response_cache_total", {"outcome": o}) for o in ("hit", "miss")]
    assert cached == [7, 2]


def test_durations_fall_into_cumulative_buckets() -> None:
    traffic = Traffic()
    for seconds in (0.00005, 0.0001, 0.003, 20.0):
        traffic.count(LIST, seconds)
    registry = registry_of(traffic)
    name, route = "storefront_http_request_seconds", {"route": "/v1/products"}
    found = {
        bound: registry.get_sample_value(f"{name}_bucket", {**route, "le": bound})
        for bound in ("0.0001", "0.0025", "0.005", "10.0", "+Inf")
    }
    assert found == {"0.0001": 2, "0.0025": 2, "0.005": 3, "10.0": 3, "+Inf": 4}
    assert registry.get_sample_value(f"{name}_count", route) == 4
    assert abs((registry.get_sample_value(f"{name}_sum", route) or 0) - 20.00315) < 1e-9
    assert list(BUCKETS) == sorted(BUCKETS)


def test_what_is_pending_never_grows_without_bound() -> None:
    traffic = Traffic()
    for _ in range(MOST_PENDING * 3):
        traffic.count(LIST, 0.0001)
    assert len(traffic._pending) <= MOST_PENDING + 1  # noqa: SLF001  the bound is what this is about
    assert traffic.everything().requests == {LIST: MOST_PENDING * 3}


def test_processes_add_up_also_those_that_ended(tmp_path: Path) -> None:
    ours = Traffic(tmp_path)
    ours.count(LIST, 0.0001)
    children = [
        subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path), str(number)])  # noqa: S603  our own program
        for number in (20, 300)
    ]
    assert [child.wait(60) for child in children] == [0, 0]
    assert requests(registry_of(ours), "/v1/products", "GET", "200") == 321
    # One that counts nothing itself sees the same, once the writer had its turn.
    onlooker = Traffic(tmp_path)
    until(lambda: requests(registry_of(onlooker), "/v1/products", "GET", "200") == 321)
    names = sorted(file.name for file in tmp_path.iterdir())
    assert len(names) == 3
    assert any(name.startswith(f"{os.getpid()}-") for name in names)


def test_what_was_asked_for_before_it_was_written_is_left_for_the_others_too(tmp_path: Path) -> None:
    ours, onlooker = Traffic(tmp_path), Traffic(tmp_path)
    ours.count(LIST, 0.0001)
    assert ours.everything().requests == {LIST: 1}
    ours.write()
    assert onlooker.everything().requests == {LIST: 1}


def test_jobs_are_counted_by_name() -> None:
    registry = CollectorRegistry()
    metrics = JobMetrics(registry)
    metrics.watch("catalog sync", 2.0, True)  # noqa: FBT003  as the worker calls it
    metrics.watch("catalog sync", 0.5, False)  # noqa: FBT003
    job = {"job": "catalog sync"}
    assert registry.get_sample_value("storefront_job_seconds_count", job) == 2
    assert registry.get_sample_value("storefront_job_seconds_sum", job) == 2.5
    assert registry.get_sample_value("storefront_job_failures_total", job) == 1
    assert (registry.get_sample_value("storefront_job_last_success_timestamp_seconds", job) or 0) > 0

"""Requests as Prometheus reads them."""

from collections.abc import Iterable
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from storefront.metrics.counts import BUCKETS, Counts
from storefront.metrics.traffic import Traffic


class Requests(Collector):
    """Everything counted of requests, over all web processes."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic

    def collect(self) -> Iterable[Metric]:
        """All metrics about requests."""
        counts = self._traffic.everything()
        return _requests(counts), _seconds(counts), _cache(counts)


def _requests(counts: Counts) -> Metric:
    found: dict[tuple[str, str, str], int] = {}
    for (*kind, _cache_outcome), number in counts.requests.items():
        route, method, status = kind
        found[route, method, status] = found.get((route, method, status), 0) + number
    family = CounterMetricFamily("storefront_http_requests", "Requests", labels=["route", "method", "status"])
    for labels, number in sorted(found.items()):
        family.add_metric(labels, number)
    return family


def _seconds(counts: Counts) -> Metric:
    family = HistogramMetricFamily(
        "storefront_http_request_seconds", "How long it took until the answer was ready", labels=["route"]
    )
    bounds = [*map(floatToGoString, BUCKETS), "+Inf"]
    for route, durations in sorted(counts.durations.items()):
        cumulated = [*zip(bounds, map(float, accumulate(durations.buckets)), strict=True)]
        family.add_metric([route], cumulated, sum_value=durations.seconds)
    return family


def _cache(counts: Counts) -> Metric:
    found = {"hit": 0, "miss": 0}
    for (*_kind, outcome), number in counts.requests.items():
        if outcome in found:
            found[outcome] += number
    family = CounterMetricFamily(
        "storefront_response_cache", "Requests for the catalog answered from the cache, or not", labels=["outcome"]
    )
    for outcome, number in found.items():
        family.add_metric([outcome], number)
    return family

"""The worker's jobs as Prometheus reads them."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

BUCKETS: Final = (0.001, 0.01, 0.1, 1, 10, 60, 300, 1800)


class JobMetrics:
    """Counts runs of jobs."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "storefront_job_seconds", "How long a run of a job took", ["job"], buckets=BUCKETS, registry=registry
        )
        self._failures = Counter("storefront_job_failures", "Runs of a job that failed", ["job"], registry=registry)
        self._succeeded = Gauge(
            "storefront_job_last_success_timestamp_seconds", "When a run last succeeded", ["job"], registry=registry
        )

    def watch(self, job: str, seconds: float, is_done: bool) -> None:  # noqa: FBT001  a figure, not a switch
        """Count one run."""
        self._seconds.labels(job).observe(seconds)
        failures = self._failures.labels(job)
        if is_done:
            self._succeeded.labels(job).set_to_current_time()
        else:
            failures.inc()

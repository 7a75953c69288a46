"""The job process: syncs the catalog, sweeps submissions, applies webhooks, polls activities, tidies up."""

import signal
from types import FrameType

from foundation.jobs import Job, Worker
from storefront.metrics.exposition import metrics_port, registry_of
from storefront.metrics.jobs import JobMetrics
from storefront.services import Services


def jobs(services: Services) -> list[Job]:
    """Everything that is done again and again. Each looks for rows that are due, so two workers do no harm."""
    settings = services.settings
    return [
        Job("catalog sync", min(settings.sync_interval_seconds, 60), services.sync_schedule.run_due),
        Job("submission sweep", settings.sweep_interval_seconds, services.submissions.sweep),
        Job("batch following", settings.sweep_interval_seconds, services.following.follow_due),
        Job("order changes", settings.sweep_interval_seconds, services.order_changes.resolve_due),
        Job("webhook inbox", settings.inbox_interval_seconds, services.inbox.apply_due),
        Job("order activities", settings.activity_interval_seconds, services.activities.poll_due),
        Job("sync history purge", 3600, services.catalog_sync.purge),
        Job("idempotency purge", 600, services.idempotency.purge),
    ]


def work(services: Services) -> None:
    """Run the jobs until SIGTERM or SIGINT; what is under way ends first."""
    registry = registry_of(services, None)
    worker = Worker(jobs(services), JobMetrics(registry).watch)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with metrics_port(services.settings.metrics_bind, registry):
        worker.run()

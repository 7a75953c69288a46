"""The job process: syncs the catalog, sweeps submissions, applies webhooks, delivers events, tidies up."""

import signal
from functools import partial
from types import FrameType
from typing import Final

from foundation.jobs import Job, Worker
from foundation.signatures import warm_up
from foundation.watching import EVENTS, Mark, Watch
from payments.messages import NEWEST as NEWEST_MESSAGE
from storefront.metrics.exposition import metrics_port, registry_of
from storefront.metrics.jobs import JobMetrics
from storefront.services import Services

PATIENCE: Final = 0.5
"""Seconds that a job waits for the apps it has set to work; whoever takes longer goes on by itself, in its own lane."""

NO_PATIENCE: Final = 0.0
"""Deliveries end by themselves: the next event is to be on its way at once."""


def jobs(services: Services) -> list[Job]:
    """Everything that is done again and again. Each looks for rows that are due, so two workers do no harm."""
    settings = services.settings
    return [
        Job("catalog sync", min(settings.sync_interval_seconds, 60), services.sync_schedule.run_due),
        Job("submission sweep", settings.sweep_interval_seconds, partial(services.submissions.sweep, PATIENCE)),
        Job("batch following", settings.sweep_interval_seconds, partial(services.following.follow_due, PATIENCE)),
        Job("order changes", settings.sweep_interval_seconds, partial(services.order_changes.resolve_due, PATIENCE)),
        Job(
            "webhook inbox",
            settings.inbox_interval_seconds,
            partial(services.inbox.apply_due, PATIENCE),
            services.inbox.bell,
        ),
        Job("order activities", settings.activity_interval_seconds, partial(services.activities.poll_due, PATIENCE)),
        Job("quiet orders", settings.quiet_order_interval_seconds, partial(services.quiet_orders.look_due, PATIENCE)),
        Job("accounting", settings.accounting_interval_seconds, partial(services.accountant.book_due, PATIENCE)),
        Job(
            "balance watch",
            min(settings.balance_interval_seconds, 30),
            partial(services.balance_watch.look_due, PATIENCE),
        ),
        Job(
            "reconciliation",
            min(settings.reconciliation_interval_seconds, 5),
            partial(services.reconciliation_schedule.run_due, PATIENCE),
        ),
        Job("reminders", settings.reminder_interval_seconds, services.reminders.remind_due),
        Job("sync history purge", 3600, services.catalog_sync.purge),
        Job("personal data", 3600, services.retention.blank_due),
        Job(
            "partner deliveries",
            settings.delivery_interval_seconds,
            partial(services.relay.deliver_due, NO_PATIENCE),
            services.relay.bell,
        ),
        Job("event retention", 3600, services.event_retention.purge),
        Job("idempotency purge", 600, services.idempotency.purge),
    ]


def marks(services: Services) -> list[Mark]:
    """What wakes jobs as soon as any process commits it: a webhook of Goody's, an event for partners."""
    return [Mark(NEWEST_MESSAGE, services.inbox.bell), Mark(EVENTS, services.relay.bell)]


def work(services: Services) -> None:
    """Run the jobs until SIGTERM or SIGINT; what is under way ends first."""
    registry = registry_of(services, None)
    worker = Worker(jobs(services), JobMetrics(registry).watch)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        worker.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    warm_up()
    watch = Watch(services.sessions, marks(services))
    with metrics_port(services.settings.metrics_bind, registry):
        watch.start()
        worker.run()
        watch.stop()

"""The state of the deployment as the database has it: the same whichever process is asked."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from catalog_sync import figures as catalog_figures
from foundation.apps import Apps
from foundation.clock import Clock, utc_now
from foundation.database import DatabaseUnavailableError, Sessions
from foundation.logs import get_logger
from payments import figures as payment_figures
from storefront.delivery import figures as delivery_figures

log = get_logger(__name__)

FRESH_SECONDS: Final = 10.0
"""How long figures are good for: they count whole tables."""


@dataclass(frozen=True, slots=True)
class _Figures:
    slugs: dict[str, str]
    catalogs: catalog_figures.CatalogFigures
    payments: payment_figures.PaymentFigures
    deliveries: delivery_figures.DeliveryFigures


class State(Collector):
    """Reads the figures when Prometheus asks. A database that does not answer is a figure too."""

    def __init__(self, sessions: Sessions, apps: Apps, clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._apps = apps
        self._clock = clock
        self._reading = threading.Lock()
        self._read: tuple[_Figures, float] | None = None

    def collect(self) -> Iterable[Metric]:
        """All metrics about state."""
        up = GaugeMetricFamily("storefront_database_up", "Whether the database answered just now")
        try:
            figures = self._figures()
        except DatabaseUnavailableError as error:
            log.warning("metrics without the database", why=error.detail)
            up.add_metric([], 0)
            return [up]
        up.add_metric([], 1)
        return [
            up,
            *_catalogs(figures, self._clock()),
            *_runs(figures),
            *_payments(figures),
            _reconciled(figures, self._clock()),
            *_deliveries(figures),
        ]

    def _figures(self) -> _Figures:
        with self._reading:
            if self._read is None or time.monotonic() - self._read[1] >= FRESH_SECONDS:
                slugs = {app.id: app.slug for app in self._apps.all()}
                with self._sessions.read() as session:
                    figures = _Figures(
                        slugs,
                        catalog_figures.read_figures(session),
                        payment_figures.read_figures(session),
                        delivery_figures.read_figures(session),
                    )
                self._read = figures, time.monotonic()
            return self._read[0]


def _catalogs(figures: _Figures, now: datetime) -> Iterable[Metric]:
    age = GaugeMetricFamily(
        "storefront_catalog_age_seconds", "Since the supplier's catalog was last read whole", labels=["app"]
    )
    generation = GaugeMetricFamily("storefront_catalog_generation", "Generation being served", labels=["app"])
    published = GaugeMetricFamily(
        "storefront_catalog_published_age_seconds", "Since that generation was published", labels=["app"]
    )
    for app_id, slug in figures.slugs.items():
        if app_id in figures.catalogs.synced_at:
            age.add_metric([slug], (now - figures.catalogs.synced_at[app_id]).total_seconds())
        if app_id in figures.catalogs.generations:
            number, moment = figures.catalogs.generations[app_id]
            generation.add_metric([slug], number)
            published.add_metric([slug], (now - moment).total_seconds())
    return age, generation, published


def _runs(figures: _Figures) -> Iterable[Metric]:
    last = GaugeMetricFamily("storefront_last_sync_run", "1 for how the newest run went", labels=["app", "status"])
    for app_id, slug in figures.slugs.items():
        if app_id in figures.catalogs.last_runs:
            last.add_metric([slug, figures.catalogs.last_runs[app_id]], 1)
    runs = _by_app("storefront_sync_runs", "Runs on record", "status", figures.slugs, figures.catalogs.runs)
    return last, runs


def _payments(figures: _Figures) -> Iterable[Metric]:
    payments = figures.payments
    return (
        _by_app("storefront_submissions", "Order batches", "status", figures.slugs, payments.submissions),
        _by_app("storefront_inbox_messages", "Webhooks of Goody's", "state", figures.slugs, payments.messages),
        _by_app(
            "storefront_discrepancies", "Between statements and books", "status", figures.slugs, payments.discrepancies
        ),
    )


def _reconciled(figures: _Figures, now: datetime) -> Metric:
    age = GaugeMetricFamily(
        "storefront_reconciliation_age_seconds", "Since statements were last reconciled", labels=["app"]
    )
    for app_id, moment in figures.payments.reconciled_at.items():
        if app_id in figures.slugs:
            age.add_metric([figures.slugs[app_id]], (now - moment).total_seconds())
    return age


def _deliveries(figures: _Figures) -> Iterable[Metric]:
    found, slugs = figures.deliveries, figures.slugs
    return (
        _by_app("storefront_open_deliveries", "Events on their way", "status", slugs, found.open_deliveries),
        _by_app("storefront_webhook_endpoints", "Partners' endpoints", "status", slugs, found.endpoints),
    )


def _by_app(name: str, what: str, label: str, slugs: dict[str, str], found: dict[tuple[str, str], int]) -> Metric:
    family = GaugeMetricFamily(name, f"{what}, by {label}", labels=["app", label])
    for (app_id, state), number in found.items():
        # An app made since the slugs were read is told of next time.
        if app_id in slugs:
            family.add_metric([slugs[app_id], state], number)
    return family

"""Showing metrics: on the web port behind a token, or on a port of their own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, disable_created_metrics, start_http_server
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0, generate_latest

from foundation.addresses import split_address
from foundation.errors import StorefrontError
from foundation.settings import Settings
from storefront.metrics.requests import Requests
from storefront.metrics.state import State
from storefront.metrics.traffic import Traffic
from storefront.services import Services

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_1_0_0


def traffic_of(settings: Settings) -> Traffic:
    """Where a web process counts its requests."""
    return Traffic(Path(settings.metrics_directory) if settings.metrics_directory else None)


def registry_of(services: Services, traffic: Traffic | None) -> CollectorRegistry:
    """All that there is to show; without traffic for a process that serves none."""
    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    registry.register(State(services.sessions, services.apps, services.clock))
    if traffic is not None:
        registry.register(Requests(traffic))
    return registry


def render(registry: CollectorRegistry) -> bytes:
    """Prometheus' text format, of version 1.0.0."""
    return generate_latest(registry)


@contextmanager
def metrics_port(bind: str, registry: CollectorRegistry) -> Iterator[None]:
    """Show the metrics on this HOST:PORT to whoever can reach it; on none if it is empty.

    StorefrontError if the port is taken.
    """
    if not bind:
        yield
        return
    host, port = split_address(bind)
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise StorefrontError(
            f"Can't show metrics on {bind}: {error.strerror}. Give each program that runs on this machine "
            "its own STOREFRONT_METRICS_BIND."
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def shared_directory(settings: Settings) -> Iterator[Path]:
    """Where web processes leave their counts for one another: the one that is set, or one for as long as they run."""
    if settings.metrics_directory:
        yield Path(settings.metrics_directory)
        return
    try:
        directory = tempfile.TemporaryDirectory(prefix="storefront-metrics-")
    except OSError as error:
        raise StorefrontError(
            f"No directory for metrics can be made: {error.strerror}. Set STOREFRONT_METRICS_DIRECTORY to one."
        ) from error
    with directory as path:
        yield Path(path)

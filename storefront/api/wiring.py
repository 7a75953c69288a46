"""The services of the app that serves the present request."""

from typing import Final, cast

from flask import current_app
from prometheus_client import CollectorRegistry

from storefront.services import Services

EXTENSION: Final = "storefront"
METRICS: Final = "storefront.metrics"


def services() -> Services:
    """The use cases that the views call."""
    return cast("Services", current_app.extensions[EXTENSION])


def metrics() -> CollectorRegistry:
    """What Prometheus is shown."""
    return cast("CollectorRegistry", current_app.extensions[METRICS])

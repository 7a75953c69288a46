"""The services of the app that serves the present request."""

from typing import Final, cast

from flask import current_app
from prometheus_client import CollectorRegistry

from storefront.edge.keys import KeyCache
from storefront.gate.gate import Gate
from storefront.services import Services

GATE: Final = "storefront.gate"
KEYS: Final = "storefront.keys"
EXTENSION: Final = "storefront"
METRICS: Final = "storefront.metrics"


def services() -> Services:
    """The use cases that the views call."""
    return cast("Services", current_app.extensions[EXTENSION])


def gate() -> Gate:
    """The limits at the door."""
    return cast("Gate", current_app.extensions[GATE])


def known_keys() -> KeyCache:
    """The keys that this process has seen lately."""
    return cast("KeyCache", current_app.extensions[KEYS])


def metrics() -> CollectorRegistry:
    """What Prometheus is shown."""
    return cast("CollectorRegistry", current_app.extensions[METRICS])

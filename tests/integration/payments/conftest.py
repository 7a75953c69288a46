"""Fixtures of the tests of payments."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.integration.payments.stage import Neighbour, Wired, another_process, neighbour_of
from tests.integration.payments.wire import Wire
from tests.shop import Shop


@pytest.fixture
def wired(shop: Shop) -> Iterator[Wired]:
    """A shop whose every exchange with Goody passes a wire on which the test can step in."""
    wire = Wire()
    with another_process(shop, wire) as services:
        yield Wired(replace(shop, services=services), wire)


@pytest.fixture
def neighbour(shop: Shop) -> Iterator[Neighbour]:
    """Another partner's app in the same storefront."""
    with neighbour_of(shop) as other:
        yield other

"""A client over an in-process transport, with a clock that only sleeping moves."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from foundation.goody.client import SANDBOX, GoodyClient, connect
from foundation.http import Retries

API_KEY = "goody_token_commerce_5ecret5ecret5ecret"


class SleepLog(list[float]):
    """Every sleep that was asked for, in seconds, instead of sleeping."""

    def elapsed(self) -> float:
        return sum(self)


@pytest.fixture
def sleeps() -> SleepLog:
    return SleepLog()


@pytest.fixture
def retries(sleeps: SleepLog) -> Retries:
    """The default policy, without real time and without chance (the whole back-off is waited)."""
    now = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)
    return Retries(sleep=sleeps.append, elapsed=sleeps.elapsed, jitter=lambda: 1.0, now=lambda: now)


@pytest.fixture
def api_key() -> str:
    return API_KEY


@pytest.fixture
def connected(retries: Retries) -> Callable[[Callable[[httpx.Request], httpx.Response]], GoodyClient]:
    """Makes a client whose requests are answered by a function."""

    def connect_to(answer: Callable[[httpx.Request], httpx.Response]) -> GoodyClient:
        return connect(SANDBOX, API_KEY, retries=retries, transport=httpx.MockTransport(answer))

    return connect_to

"""One emulator and one receiver for all tests of a process; each test is an app of its own."""

from collections.abc import Iterator
from typing import Final

import pytest

from .partner import Partner, partner_of
from .program import running
from .receiver import Receiver, receiving

SECRET: Final = "whsec_" + "c2VjcmV0IG9mIHRoZSB0ZXN0cyBvbmx5"


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def webhook_secret() -> str:
    return SECRET


@pytest.fixture(scope="session")
def emulator_url(receiver: Receiver, webhook_secret: str) -> Iterator[str]:
    with running("--webhook-url", receiver.url, "--webhook-secret", webhook_secret) as base_url:
        yield base_url


@pytest.fixture
def partner(emulator_url: str) -> Iterator[Partner]:
    with partner_of(emulator_url) as partner:
        yield partner

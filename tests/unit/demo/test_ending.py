"""A signal ends the demo, be it while an object is cleared away."""

import signal
from collections.abc import Iterator

import pytest

from storefront.demo.ending import SIGNALS, Ending


class Swallowing:
    """Python reports what is raised in here, and goes on."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


@pytest.fixture
def ending() -> Iterator[Ending]:
    before = {each: signal.getsignal(each) for each in SIGNALS}
    ending = Ending()
    ending.listen()
    yield ending
    for each, handler in before.items():
        signal.signal(each, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_what_is_under_way_is_broken_off(ending: Ending, number: signal.Signals) -> None:
    ending.check()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_that_was_swallowed_is_not_lost(ending: Ending) -> None:
    swallowing = Swallowing()
    del swallowing
    with pytest.raises(KeyboardInterrupt):
        ending.check()

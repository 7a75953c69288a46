"""Time for a shop and its Goody together: it passes on both sides, and everything that is due gets done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.databases import Databases
from tests.listening import listening
from tests.patience import until
from tests.shop import Shop, open_shop


@contextmanager
def living(databases: Databases, template: str, goody_url: str) -> Iterator[Shop]:
    """A shop that listens to a Goody whose clock the test may move."""
    url = databases.copy(template)
    with open_shop(url, goody_url) as shop, listening(shop):
        yield shop
    databases.drop(url)


def pass_time(shop: Shop, seconds: int) -> None:
    """Let time pass: at Goody everything due happens on the way, here every job has its turn."""
    shop.goody.control("POST", "clock/advance", {"seconds": seconds})
    shop.clock.advance(seconds=seconds)
    services = shop.services
    services.inbox.apply_due()
    services.submissions.sweep()
    services.following.follow_due()
    services.activities.poll_due()


def live_until(shop: Shop, is_so: Callable[[], bool], *, step: int = 60) -> None:
    """Let so many seconds pass again and again, until it is so."""

    def is_so_by_now() -> bool:
        if is_so():
            return True
        pass_time(shop, step)
        return is_so()

    until(is_so_by_now, seconds=120)

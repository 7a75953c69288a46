"""When a delivery is tried again, and when an endpoint is given up. Pure."""

from datetime import datetime, timedelta
from typing import Final

MINUTE: Final = 60.0
HOUR: Final = 60 * MINUTE

DELAYS: Final = (5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR)
"""Seconds after each failure, as Svix waits (https://docs.svix.com/retries)."""
JITTER: Final = 0.1
"""A delay is up to this part longer, so that what failed together is not tried together."""

FAILING_FOR: Final = timedelta(days=5)
SILENCE: Final = timedelta(hours=24)
"""After so long without a failure the next one begins a new count: nothing was learnt in between."""


def delay(tries: int, retry_after: float | None, chance: float) -> float | None:
    """Seconds until the next try after so many failures; None when there shall be none.

    `chance` is from 0 to 1. A `Retry-After` (seconds) beyond the schedule is waited out.
    """
    if tries > len(DELAYS):
        return None
    return max(DELAYS[tries - 1] * (1 + JITTER * chance), retry_after or 0.0)


def failing_since(since: datetime | None, last_failure: datetime | None, now: datetime) -> datetime:
    """Since when an endpoint that has just failed has been failing."""
    if since is None or last_failure is None or now - last_failure > SILENCE:
        return now
    return since


def is_given_up(since: datetime, now: datetime) -> bool:
    """Whether an endpoint that has been failing since then is to be disabled."""
    return now - since >= FAILING_FOR

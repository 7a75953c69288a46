"""Waiting for what happens by itself, not longer than it may take."""

import time
from collections.abc import Callable


def until(is_so: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait until it is so; fail if it is not within these seconds."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)

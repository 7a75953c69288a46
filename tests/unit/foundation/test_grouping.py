"""Group commits: written together, failing apart."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from foundation.database import DatabaseUnavailableError
from foundation.grouping import GroupedWrites
from tests.patience import until


class Disk:
    """Remembers each write; can be held up."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.free = threading.Event()
        self.tries = 0

    def write(self, items: Sequence[str]) -> None:
        self.tries += 1
        assert self.free.wait(60)
        if "away" in items:
            raise DatabaseUnavailableError("away")
        if "bad" in items:
            raise ValueError("bad")
        self.groups.append(sorted(items))


def test_those_who_wait_are_written_together() -> None:
    disk = Disk()
    writes = GroupedWrites(disk.write)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(writes.add, "first")
        until(lambda: disk.tries == 1)
        others = [pool.submit(writes.add, str(number)) for number in range(7)]
        until(lambda: len(writes._waiting) == 7)  # noqa: SLF001  nothing else shows that they wait
        disk.free.set()
        for future in (first, *others):
            future.result()
    assert disk.groups == [["first"], [str(number) for number in range(7)]]


@pytest.mark.parametrize(("broken", "error", "kept"), [("bad", ValueError, 3), ("away", DatabaseUnavailableError, 0)])
def test_one_that_cannot_be_written_costs_only_itself(broken: str, error: type[Exception], kept: int) -> None:
    disk = Disk()
    writes = GroupedWrites(disk.write)
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(writes.add, "first")
        until(lambda: disk.tries == 1)
        others = [pool.submit(writes.add, item) for item in ("1", "2", "3", broken)]
        until(lambda: len(writes._waiting) == 4)  # noqa: SLF001
        disk.free.set()
        first.result()
        failed = [type(future.exception()) for future in others if future.exception() is not None]
    assert failed == [error] * (4 - kept)
    assert sum(len(group) for group in disk.groups) == 1 + kept

"""What the emulator holds in memory does not grow with what it holds on disk."""

import hashlib
import threading
import uuid
from pathlib import Path
from typing import Final

from goody_emulator.ids import uuid_of
from goody_emulator.state.store import Store

THREADS: Final = 32
_TABLE: Final = "CREATE TABLE IF NOT EXISTS things (id TEXT NOT NULL UNIQUE, about TEXT NOT NULL);"


def _resident() -> int:
    """The memory of this process in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def test_threads_that_have_read_everything_hold_little_of_it(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "state.db"), [_TABLE])
    with store.transaction():
        for number in range(8000):
            store.insert("things", {"id": f"{number:032}", "about": "x" * 1000})
    read, left = threading.Barrier(THREADS + 1), threading.Barrier(THREADS + 1)

    def read_everything() -> None:
        assert store.count("SELECT sum(length(about)) FROM things") == 8_000_000
        assert store.count("SELECT count(DISTINCT id) FROM things") == 8000
        read.wait()
        left.wait()

    before = _resident()
    readers = [threading.Thread(target=read_everything) for _ in range(THREADS)]
    for each in readers:
        each.start()
    read.wait()
    grown = _resident() - before
    left.wait()
    for each in readers:
        each.join()
    assert grown < THREADS  # with SQLite's own 2 MB for each of them it is more than sixty


def test_ids_are_what_the_standard_makes_of_their_digits() -> None:
    for number in range(200):
        digits = hashlib.sha256(str(number).encode()).hexdigest()
        for version in (4, 5):
            assert uuid_of(digits, version) == str(uuid.UUID(digits[:32], version=version))

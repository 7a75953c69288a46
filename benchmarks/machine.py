"""Programs under measurement: the servers on one core, what asks them on another."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from benchmarks.load import Load, Outcome
from foundation.errors import StorefrontError

SERVER_CORE: Final = 0
LOAD_CORE: Final = 1
TOO_BUSY: Final = 0.9
"""Of a core: a generator that works this much may be what limits the rate."""


class BenchmarkError(StorefrontError):
    """Something could not be measured."""

    code = "benchmark_failed"


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Let programs that are started meanwhile run on this core alone, where the system can do that; None: on any."""
    usual = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if core is None or len(usual) < 2:  # noqa: PLR2004  one core can't be shared out
        yield
        return
    os.sched_setaffinity(0, {sorted(usual)[core]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usual)


class Generator:
    """The load generator's process."""

    def __init__(self, core: int | None = LOAD_CORE) -> None:
        with on_core(core):
            self._process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.load"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=10)

    def run(self, load: Load) -> Outcome:
        """Send this load. BenchmarkError if it could not be sent."""
        assert self._process.stdin is not None  # noqa: S101
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(json.dumps(asdict(load)) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise BenchmarkError("The load generator ended; its complaint is above.")
        return Outcome(**json.loads(line))


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: where it listens, and its first process."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Processor time that it and its workers used so far; 0 where the system does not tell."""
        return sum(_cpu_seconds(stat) for stat in _stats(self.pid))


def _stats(pid: int) -> Iterator[list[str]]:
    """What Linux tells of a process and its children, from the state on."""
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, _, rest = file.read_text().partition(" ")
        except OSError:
            continue  # It has ended meanwhile.
        fields = rest.rpartition(") ")[2].split()
        if pid in {int(number), int(fields[1])}:
            yield fields


def _cpu_seconds(fields: list[str]) -> float:
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def serving(command: Sequence[str], environ: Mapping[str, str], core: int | None) -> "subprocess.Popen[bytes]":
    """A server of ours."""
    with on_core(core):
        return subprocess.Popen(  # noqa: S603  our own programs
            command, env={**os.environ, **environ}, stdin=subprocess.DEVNULL, start_new_session=True
        )

"""Starts and ends the real program, as a shell would."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

PROGRAM: Final = (sys.executable, "-c", "from goody_emulator.cli import main; main()", "serve")
_PATIENCE: Final = 120


def launch(*options: str) -> subprocess.Popen[str]:
    """Start the program with these options."""
    # The options are the tests' own.
    return subprocess.Popen(  # noqa: S603
        [*PROGRAM, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def finish(process: subprocess.Popen[str]) -> float:
    """End a program with SIGTERM and return how many seconds that took."""
    started = time.monotonic()
    process.terminate()
    process.communicate(timeout=_PATIENCE)
    return time.monotonic() - started


@contextmanager
def running(*options: str) -> Iterator[str]:
    """Run the program on a free port and yield its address."""
    process = launch("--port", "0", "--quiet", *options)
    try:
        yield announced(process)
    finally:
        finish(process)


def announced(process: subprocess.Popen[str]) -> str:
    """Wait for the program to be ready and return its address."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], _PATIENCE)
    line = process.stdout.readline() if ready else ""
    assert line.startswith("goody-emulator listening on http://"), line or process.communicate()
    return line.split()[-1]

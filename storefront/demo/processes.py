"""The programs of the demo, started and stopped together."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from foundation.errors import StorefrontError

STOP_SECONDS: Final = 10
LOG_LINES_SHOWN: Final = 15


class DemoError(StorefrontError):
    """A step of the demo did not happen."""

    code = "demo_failed"


class Processes:
    """Programs that live as long as the `with` block. Their output goes to files in the demo's folder."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = {**os.environ, **environ}
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ask every program to end, the last started first; kill what does not."""
        for _, process in reversed(self._running):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for _, process in reversed(self._running):
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a program in the background. A session of its own keeps the terminal's Ctrl-C from it."""
        with (self._folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603  our own programs, no shell
                command,
                cwd=self._folder,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running.append((name, process))

    def run(self, command: Sequence[str], *, shows_progress: bool = False) -> str:
        """Run a program to its end and return what it printed. DemoError with its complaint if it failed."""
        done = subprocess.run(  # noqa: S603  our own programs, no shell
            command,
            cwd=self._folder,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=None if shows_progress else subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise DemoError(f"`{Path(command[0]).name} {command[1]}` failed: {(done.stderr or done.stdout).strip()}")
        return done.stdout

    def wait_until(self, what: str, happened: Callable[[], bool], seconds: float = 30) -> None:
        """Wait for something. DemoError if it does not happen in time, or a program ends meanwhile."""
        deadline = time.monotonic() + seconds
        while not happened():
            self.check()
            if time.monotonic() > deadline:
                raise DemoError(f"{what} did not happen within {seconds:g} s.{self._logs()}")
            time.sleep(0.02)

    def check(self) -> None:
        """DemoError if a program has ended."""
        for name, process in self._running:
            if process.poll() is not None:
                raise DemoError(f"The {name} ended with exit code {process.returncode}.{self._log(name)}")

    def _logs(self) -> str:
        return "".join(self._log(name) for name, _ in self._running)

    def _log(self, name: str) -> str:
        lines = (self._folder / f"{name}.log").read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        return "".join(f"\n  {name}: {line}" for line in lines)


def program(name: str) -> str:
    """The path of one of our programs, beside the Python that runs this. DemoError if it is not installed."""
    path = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if path is None:
        raise DemoError(f"The program {name} is not installed. `make setup` installs it.")
    return path


def choose_port(wanted: int | None, usual: int | None, other: int | None) -> int:
    """The port asked for, else the usual one, else any free one, but not the other program's.

    DemoError if the one asked for is taken.
    """
    if wanted is not None and wanted == other:
        raise DemoError(f"Port {wanted} is asked for twice. The storefront and the emulator each need their own.")
    for port in (wanted,) if wanted else (usual, 0, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port or 0))
            except OSError:
                continue
            number = int(probe.getsockname()[1])
        if number != other:
            return number
    raise DemoError(f"Port {wanted} is taken. Choose another one, or leave it out to get a free one.")

"""Runs the program as a shell would, in a folder of its own, with or without a terminal."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from .forking import run_forked

PROGRAM: Final = (sys.executable, "-c", "from storefront.cli import main; main()")
PATIENCE: Final = 180


@dataclass(frozen=True)
class Ended:
    """What a program left behind."""

    code: int
    out: str
    err: str


class Terminal:
    """A folder in which commands are run."""

    def __init__(self, folder: Path, environ: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STOREFRONT_")}
        self._environ = {**kept, **(environ or {})}

    def run(self, *arguments: str, **environ: str) -> Ended:
        """Run `storefront …` without a terminal; settings are given without their prefix."""
        with NamedTemporaryFile("r") as out, NamedTemporaryFile("r") as err:
            code = run_forked(arguments, self.folder, self._with(environ), out.name, err.name, PATIENCE)
            return Ended(code, out.read(), err.read())

    def show(self, *arguments: str, **environ: str) -> Ended:
        """Run it on a terminal of 100 columns; everything it shows is in `out`."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        name = os.ttyname(theirs)
        with ThreadPoolExecutor(1) as pool, os.fdopen(ours, "rb", buffering=0) as screen:
            ending = pool.submit(run_forked, arguments, self.folder, self._with(environ), name, name, PATIENCE)
            ending.add_done_callback(lambda _: os.close(theirs))
            shown = b""
            with suppress(OSError):  # EIO: the other side is closed
                while part := screen.read(4096):
                    shown += part
            return Ended(ending.result(), shown.decode(), "")

    @contextmanager
    def start(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """Start it as a shell does, anew, and kill what is left of it in the end."""
        process = subprocess.Popen(  # noqa: S603  our own program
            [*PROGRAM, *arguments],
            cwd=self.folder,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()

    def _with(self, environ: Mapping[str, str]) -> dict[str, str]:
        return {**self._environ, **{f"STOREFRONT_{name}": value for name, value in environ.items()}}


def complaint(ended: Ended, code: int = 1) -> str:
    """The one clear line of a command that failed."""
    assert ended.code == code, ended
    lines = ended.err.splitlines()
    assert len(lines) == 1, ended
    assert lines[0].startswith("storefront: "), ended
    return lines[0]

"""Runs the program as a shell would, in a folder of its own, with or without a terminal."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROGRAM: Final = (sys.executable, "-c", "from storefront.cli import main; main()")
PATIENCE: Final = 60


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
        done = subprocess.run(  # noqa: S603  our own program
            [*PROGRAM, *arguments],
            cwd=self.folder,
            env=self._with(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def show(self, *arguments: str, **environ: str) -> Ended:
        """Run it on a terminal of 100 columns; everything it shows is in `out`."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        with self.start(*arguments, output=theirs, **environ) as process:
            os.close(theirs)
            shown = b""
            with suppress(OSError):  # EIO: the other side is closed
                while part := os.read(ours, 4096):
                    shown += part
            os.close(ours)
            return Ended(process.wait(PATIENCE), shown.decode(), "")

    @contextmanager
    def start(
        self, *arguments: str, output: int = subprocess.PIPE, **environ: str
    ) -> Iterator["subprocess.Popen[str]"]:
        """Start it, and kill what is left of it in the end."""
        process = subprocess.Popen(  # noqa: S603  our own program
            [*PROGRAM, *arguments],
            cwd=self.folder,
            env=self._with(environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
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

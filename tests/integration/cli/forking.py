"""Real processes of the program, forked from one that has loaded it: loading takes longer than most commands."""

import multiprocessing
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from storefront import cli

_FORKS: Final = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__, *(f"{cli.__name__}.{name}" for name in cli.MODULES.values())])


class OverdueError(AssertionError):
    """The program did not end in time, and was killed."""


def run_forked(
    arguments: tuple[str, ...], folder: Path, environ: Mapping[str, str], out: str, err: str, seconds: float
) -> int:
    """Run `storefront …` there, its output going to these files or terminals; returns its exit code."""
    process = _FORKS.Process(target=_become, args=(arguments, folder, dict(environ), out, err))
    process.start()
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
        raise OverdueError(f"{arguments} did not end within {seconds} s")
    assert process.exitcode is not None
    return process.exitcode


def _become(arguments: tuple[str, ...], folder: Path, environ: dict[str, str], out: str, err: str) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environ)
    for number, path in enumerate((os.devnull, out, err)):
        opened = os.open(path, os.O_RDWR | os.O_APPEND | os.O_NOCTTY)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  they live as long as the process
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.argv = ["storefront", *arguments]
    cli.main()

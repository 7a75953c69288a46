"""Work that computes for long, in a process of its own.

Python runs one thread of a process at a time: a second of computing in the process that answers requests makes each of
many short requests wait for it, several times. A process apart only takes what the processors have to spare.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any, Final, ParamSpec, TypeVar

from foundation.errors import StorefrontError
from foundation.logs import get_logger

log = get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

YIELDING: Final = "foundation.yielding"
"""The module that is loaded first: whoever answers a request goes before such a process."""


_CAN_YIELD: Final = hasattr(os, "sched_yield")
_is_apart = False


def give_way() -> None:
    """In a process apart: let whoever waits for this processor go first. To be called within every few 0.1 ms of work.

    Most servers' Linux takes the processor from a busy program at the next tick only, which may be 4 ms away, however
    little that program has to say. Elsewhere it does nothing.
    """
    if _is_apart and _CAN_YIELD:
        os.sched_yield()


def giving_way(things: Iterable[T], every: int = 50) -> Iterator[T]:
    """The things, with `give_way` before each of so many: for loops that take microseconds for one."""
    for number, thing in enumerate(things):
        if number % every == 0:
            give_way()
        yield thing


class ApartError(StorefrontError):
    """The process ended before its work was done, or the work failed in a way that nobody foresaw."""


class Apart:
    """Runs functions of modules, each call in a process forked for it from one that has the `preload`ed modules.

    That one is started at the first call, or by `warm`; it ends with this process. `prepare` is called first in each.
    """

    def __init__(self, preload: Sequence[str], prepare: Callable[[], None]) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([YIELDING, *preload])
        self._prepare = prepare

    def warm(self) -> None:
        """Begin to load the modules, in the background, so that the next call need not wait for it."""
        from multiprocessing.forkserver import ensure_running  # noqa: PLC0415  not there on every system

        ensure_running()

    def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the function returns or raises. Arguments and result are pickled on their way.

        ApartError, with the process's exit code, if it was killed: then nobody knows how far the work came.
        """
        receiver, sender = self._context.Pipe(duplex=False)
        with closing(receiver):
            process = self._context.Process(target=_run, args=(sender, self._prepare, work, args, kwargs), daemon=True)
            with closing(sender):
                process.start()
            try:
                result, error = receiver.recv()
            except EOFError as ended:
                process.join()
                raise ApartError(
                    f"The process for {work.__name__} ended (exit code {process.exitcode}) before it was done."
                    " What it began is found by whoever does the same again."
                ) from ended
            process.join()
        if error is not None:
            raise error
        done: T = result
        return done


def _run(
    sender: Connection,
    prepare: Callable[[], None],
    work: Callable[..., object],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    global _is_apart  # noqa: PLW0603  true of the whole process, until its end
    _is_apart = True
    # Where somebody else has started the server before, it was not told to yield.
    import_module(YIELDING)
    prepare()
    with closing(sender):
        try:
            outcome: tuple[object, StorefrontError | None] = work(*args, **kwargs), None
        except StorefrontError as error:
            outcome = None, error
        except Exception as error:
            log.exception("work in a process apart failed")
            outcome = None, ApartError(f"{work.__name__} failed unforeseen, with {type(error).__name__}; see the log.")
        sender.send(outcome)

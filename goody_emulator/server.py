"""Serves the emulator with granian: one worker process holds the catalog and the background threads."""

import contextlib
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from goody_emulator.app import create_app
from goody_emulator.emulator import Emulator
from goody_emulator.settings import Settings

THREADS: Final = 16
"""How many requests are worked on at once."""
_PROBE_PAUSE: Final = 0.01
_PARENT_PAUSE: Final = 0.25

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def serve(settings: Settings, address: str, port: int, announcement: str) -> None:
    """Serve until a signal ends it; the announcement goes to stdout once requests are answered."""
    server = Granian(
        "goody_emulator",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        websockets=False,
        log_level=LogLevels.error,
        workers_kill_timeout=1,
    )
    load = partial(_load, settings, address, port, announcement)
    server.serve(target_loader=load, wrap_loader=False)


def _load(settings: Settings, address: str, port: int, announcement: str) -> WsgiApp:
    # Called in the worker process: threads and connections must not be made before it.
    emulator = Emulator(settings)
    emulator.start()
    threading.Thread(target=_end_with, args=(os.getppid(),), name="parent-watch", daemon=True).start()
    threading.Thread(target=_announce, args=(address, port, announcement), name="announcement", daemon=True).start()
    return create_app(emulator)


def _end_with(parent: int) -> None:
    # A parent that was killed could not end its worker, which would keep the port.
    while os.getppid() == parent:
        time.sleep(_PARENT_PAUSE)
    os._exit(1)


def _announce(address: str, port: int, announcement: str) -> None:
    while True:
        with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
            break
        time.sleep(_PROBE_PAUSE)
    sys.stdout.write(announcement)
    sys.stdout.flush()

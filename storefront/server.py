"""The web process: granian serving wsgi.py. A blocking thread answers each request; no state lives in the process."""

import multiprocessing
import socket
from pathlib import Path
from typing import Final

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from foundation.errors import StorefrontError
from foundation.settings import Settings

THREADS: Final = 16
"""Requests under way at once in one process; they wait for Goody and for the disk, not for the processor."""


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT; requests under way end first. StorefrontError if the port is taken."""
    _must_be_free(host, port)
    # Started fresh: a forked worker would share the parent's database connections.
    multiprocessing.set_start_method("spawn", force=True)
    server = Server(
        "wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=30,
        log_level=LogLevels(settings.log_level.lower()),
        log_enabled=True,
        working_dir=Path.cwd(),
    )
    server.serve()


def _must_be_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StorefrontError(
                f"Can't listen on {host}:{port}: {error.strerror}. Choose another address with --bind."
            ) from error

"""The web process: granian serving wsgi.py. A blocking thread answers each request; no state lives in the process."""

import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from contextlib import closing
from importlib import import_module
from typing import Any, Final

from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import MPServer

from foundation.errors import StorefrontError
from foundation.settings import Settings
from storefront.metrics.exposition import metrics_port, registry_of, shared_directory
from storefront.metrics.traffic import Traffic
from storefront.services import build_services
from storefront.stream.server import event_streams

THREADS: Final = 16
"""Requests under way at once in one process; they wait for Goody and for the disk, not for the processor."""
SWITCH_SECONDS: Final = 0.0005
"""How long a thread may keep the others waiting for Python's lock, a tenth of the usual: whoever publishes a catalog in
this process computes for a second or more, and each of many short requests would wait for it several times."""
HEADER_MILLISECONDS: Final = 10_000
"""How long a request's headers may take to arrive; a connection that sends none is closed then."""
PARENT_PAUSE: Final = 0.5
GRANIAN_LOGS: Final = {"loggers": {"_granian": {"handlers": [], "propagate": True}}}
"""Granian's lines go where all others go, in the same format."""


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT; requests under way end first. StorefrontError if a port is taken."""
    _must_be_free(host, port)
    with shared_directory(settings) as directory, closing(build_services(settings)) as services:
        # The workers read their settings from the environment.
        os.environ["STOREFRONT_METRICS_DIRECTORY"] = str(directory)
        registry = registry_of(services, Traffic(directory))
        with metrics_port(settings.metrics_bind, registry), event_streams(services):
            logging.getLogger("_granian").addFilter(_is_worth_telling)
            web_server(settings.log_level, host, port, workers).serve(target_loader=_load, wrap_loader=False)


def web_server(log_level: str, host: str, port: int, workers: int) -> MPServer:
    """The server, whatever it serves."""
    # Started fresh: a forked worker would share the parent's database connections.
    multiprocessing.set_start_method("spawn", force=True)
    return MPServer(
        "wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=30,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS),
        log_level=LogLevels(log_level.lower()),
        log_dictconfig=GRANIAN_LOGS,
    )


def _load() -> Any:  # noqa: ANN401  a WSGI application
    sys.setswitchinterval(SWITCH_SECONDS)
    # Called in each worker. Not granian's own loader: that one prefers a wsgi.py of the folder it is started in.
    threading.Thread(target=_end_with, args=(os.getppid(),), name="parent-watch", daemon=True).start()
    return import_module("wsgi").app


def _end_with(parent: int) -> None:
    # A parent that was killed could not end its workers, which would keep the port from its successor.
    while os.getppid() == parent:
        time.sleep(PARENT_PAUSE)
    os.kill(os.getpid(), signal.SIGTERM)


def _is_worth_telling(record: logging.LogRecord) -> bool:
    """Granian advises against more threads than processors at every start; these wait for others, see THREADS."""
    return "Python threads, which seems quite high" not in record.getMessage()


def _must_be_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StorefrontError(
                f"Can't listen on {host}:{port}: {error.strerror}. Choose another address with --bind."
            ) from error

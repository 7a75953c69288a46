"""Serves the emulator with waitress: one process holds the catalog, the background threads and the connections."""

import gc
import logging
import signal
import socket
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from waitress.server import create_server

from goody_emulator.app import create_app
from goody_emulator.emulator import Emulator
from goody_emulator.settings import Settings
from goody_emulator.state.gate import Gate

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THREADS: Final = 32
"""How many requests are worked on at once: one that a fault delays holds a thread."""
_CONNECTIONS: Final = 1000
_IDLE: Final = 120
"""Seconds a connection may stay open without a request."""
_LARGEST_BODY: Final = 64 * 1024 * 1024
_OUTSIDE: Final = ("/_emulator/snapshots", "/_emulator/clock")
"""Requests that close the gate, or wait for what others do: from inside, they would wait for themselves."""


def serve(settings: Settings, listener: socket.socket, announcement: str) -> None:
    """Serve until a signal ends it; the announcement goes to stdout once requests are answered."""
    logging.getLogger("waitress").setLevel(logging.CRITICAL)  # It warns of answers that a fault cut short.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: sys.exit())
    emulator = Emulator(settings)
    server = create_server(
        _gated(create_app(emulator), emulator.gate),
        sockets=[listener],
        threads=THREADS,
        connection_limit=_CONNECTIONS,
        asyncore_use_poll=True,
        channel_timeout=_IDLE,
        max_request_body_size=_LARGEST_BODY,
        ident="goody-emulator",
        clear_untrusted_proxy_headers=True,
    )
    emulator.start()
    gc.freeze()  # The catalog stays for good: no collection has to go through it.
    sys.stdout.write(announcement)
    sys.stdout.flush()
    server.run()


def _gated(app: "WSGIApplication", gate: Gate) -> "WSGIApplication":
    def gated(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(_OUTSIDE):
            return app(environ, start_response)
        with gate.passing():
            return app(environ, start_response)

    return gated

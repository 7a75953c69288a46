"""Serves the emulator with waitress: one process holds the catalog, the background threads and the connections."""

import logging
import signal
import socket
import sys
from typing import Final

from waitress.server import create_server

from goody_emulator.app import create_app
from goody_emulator.emulator import Emulator
from goody_emulator.settings import Settings

THREADS: Final = 32
"""How many requests are worked on at once: one that a fault delays holds a thread."""
_CONNECTIONS: Final = 1000
_IDLE: Final = 120
"""Seconds a connection may stay open without a request."""
_LARGEST_BODY: Final = 64 * 1024 * 1024


def serve(settings: Settings, listener: socket.socket, announcement: str) -> None:
    """Serve until a signal ends it; the announcement goes to stdout once requests are answered."""
    logging.getLogger("waitress").setLevel(logging.CRITICAL)  # It warns of answers that a fault cut short.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: sys.exit())
    emulator = Emulator(settings)
    server = create_server(
        create_app(emulator),
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
    sys.stdout.write(announcement)
    sys.stdout.flush()
    server.run()

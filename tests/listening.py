"""A shop that listens: its WSGI application behind a real port, known to the emulated Goody as a webhook endpoint."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from waitress.server import create_server

from tests.shop import SLUG, WEBHOOK_SECRET, Shop


@contextmanager
def listening(shop: Shop) -> Iterator[str]:
    """Serve the shop on a free port, and have Goody send this app's webhooks there; gives its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    # Typed as if it were several servers, which it is only without a socket given.
    server: Any = create_server(shop.flask, sockets=[listener], threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    home = f"http://127.0.0.1:{listener.getsockname()[1]}"
    endpoint = {"url": f"{home}/webhooks/goody/{SLUG}", "secret": WEBHOOK_SECRET}
    made = shop.goody.control("POST", "webhooks", endpoint)
    try:
        yield home
    finally:
        shop.goody.control("DELETE", f"webhooks/{made['id']}")
        # Closed by its own loop, which from another thread would notice only at its next look, up to a second later.
        server.trigger.pull_trigger(lambda: _close(server))
        thread.join(timeout=10)


def _close(server: Any) -> None:
    for channel in list(server.active_channels.values()):
        channel.handle_close()
    server.close()

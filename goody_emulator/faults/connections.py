"""Connections that end without an answer."""

import socket
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from flask import Response
from waitress.channel import ClientDisconnected, HTTPChannel

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

_HANGS_UP: Final = "waitress.client_disconnected"
_LINGER: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""Close at once and throw away what is unsent, which TCP tells the peer as a reset."""


class CutConnection(Response):
    """In place of an answer: the connection ends, by a reset or as if the server had been shut down."""

    def __init__(self, *, is_reset: bool) -> None:
        super().__init__()
        self._is_reset = is_reset

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        """Let waitress close the connection before a byte is sent."""
        del start_response
        connection = _connection_of(environ)
        if self._is_reset and connection is not None:
            with suppress(OSError):  # The client was faster and has hung up itself.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
        raise ClientDisconnected


def can_cut(environ: dict[str, Any]) -> bool:
    """Tell whether this server lets a connection be ended without an answer: only waitress is known to."""
    return _connection_of(environ) is not None


def _connection_of(environ: dict[str, Any]) -> socket.socket | None:
    # Waitress hands applications no connection, but a method of the object that holds it.
    channel = getattr(environ.get(_HANGS_UP), "__self__", None)
    return channel.socket if isinstance(channel, HTTPChannel) else None

"""Who asks, and under which address: what every request tells about itself."""

from typing import cast

import msgspec
from flask import Response, current_app, g, request

from goody_emulator.apps import App
from goody_emulator.emulator import Emulator


def emulator() -> Emulator:
    """Return the emulator that serves the present request."""
    return cast("Emulator", current_app.extensions["goody_emulator"])


def base_url() -> str:
    """Return what links in the answer begin with: the public URL, or the host the request named."""
    return emulator().settings.public_url or request.host_url.rstrip("/")


def bearer_key() -> str:
    """Return the key the request brings, or an empty text."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def caller() -> App:
    """Return the app of the request's key; UnauthorizedError without a key that is let in."""
    if "app" not in g:
        g.app = emulator().apps.of_key(bearer_key())
    return cast("App", g.app)


def answer(body: object, status: int = 200) -> Response:
    """Return a body as a JSON answer; bytes are JSON already."""
    encoded = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Response(encoded, status, mimetype="application/json")

"""Whose things a control request is about."""

from goody_emulator.apps import App
from goody_emulator.caller import bearer_key, caller


def limited_to() -> App | None:
    """Return the app of the request's key, or None when it brings none and so is about all apps."""
    return caller() if bearer_key() else None


def limited_to_id() -> str | None:
    """Return the id of that app, or None."""
    app = limited_to()
    return None if app is None else app.id

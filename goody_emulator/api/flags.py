"""Yes-or-no parameters of requests."""

from typing import Final

from flask import request

from goody_emulator.errors import RefusedError

_MEANINGS: Final = {"": False, "false": False, "0": False, "true": True, "1": True}


def asked_flag(name: str) -> bool:
    """Return what a parameter says, no when it is left out; RefusedError when it says neither yes nor no."""
    text = request.args.get(name, "").lower()
    if text not in _MEANINGS:
        raise RefusedError(f"{name} must be true or false")
    return _MEANINGS[text]

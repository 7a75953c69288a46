"""Identifiers that nobody can guess."""

import base64
import secrets


def new_reference() -> str:
    """Return 24 capital letters and digits, as on receipts and in links."""
    return base64.b32encode(secrets.token_bytes(15)).decode()

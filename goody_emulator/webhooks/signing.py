"""Signatures as Svix makes them, and the secrets they are made with."""

import base64
import secrets
from datetime import UTC, datetime

from goody_emulator.errors import RefusedError

_PREFIX = "whsec_"


def new_secret() -> str:
    """Return a secret nobody has used yet."""
    return f"{_PREFIX}{base64.b64encode(secrets.token_bytes(24)).decode()}"


def checked_secret(secret: str) -> str:
    """Return a secret that can be signed with; RefusedError otherwise."""
    encoded = secret.removeprefix(_PREFIX)
    try:
        decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError:
        decoded = b""
    if not decoded or encoded == secret:
        raise RefusedError("secret must be whsec_ followed by base64.")
    return secret


def signed(secret: str, svix_id: str, body: str, moment: datetime | None = None) -> dict[str, str]:
    """Return the headers of a message.

    They bear the machine's time, or another moment, but never the emulator's: receivers compare them with a clock of
    their own, and would refuse what was signed on a clock that has been moved.
    """
    from svix.webhooks import Webhook  # noqa: PLC0415 - half a second, which no start has to wait for

    signed_at = moment or datetime.now(UTC)
    return {
        "content-type": "application/json",
        "user-agent": "goody-emulator-webhooks",
        "svix-id": svix_id,
        "svix-timestamp": str(int(signed_at.timestamp())),
        "svix-signature": Webhook(secret).sign(svix_id, signed_at, body),
    }

"""Webhook signatures, both ways: Svix's scheme, which is also that of Standard Webhooks. The only importer of svix."""

import base64
import secrets as random_bits
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from foundation.errors import InvalidInputError, UnauthenticatedError

ID = "svix-id"
TIMESTAMP = "svix-timestamp"
SIGNATURE = "svix-signature"
PREFIX = "whsec_"
LONGEST_ID = 255
SECRET_BYTES = 24


class SignatureError(UnauthenticatedError):
    """The message was not signed with any of the secrets, or is older than five minutes."""

    code = "bad_signature"


@dataclass(frozen=True, slots=True)
class Signed:
    """The headers of a signed message."""

    message_id: str
    timestamp: str
    signature: str

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> "Signed":
        """Read the `svix-*` headers, names in lower case. InvalidInputError if one is missing or not ASCII."""
        values = [headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE)]
        if not all(values) or not all(value.isascii() for value in values) or len(values[0]) > LONGEST_ID:
            raise InvalidInputError(
                f"The headers {ID}, {TIMESTAMP} and {SIGNATURE} are required, in ASCII; {ID} has {LONGEST_ID} at most."
            )
        return cls(*values)


def verify(body: bytes, signed: Signed, secrets: Sequence[str]) -> None:
    """Return if any secret signed these raw bytes within five minutes of now; else SignatureError."""
    # Imported when first needed: svix loads its whole API client, a third of what each command takes to start.
    from svix.webhooks import Webhook, WebhookVerificationError  # noqa: PLC0415

    headers = {ID: signed.message_id, TIMESTAMP: signed.timestamp, SIGNATURE: signed.signature}
    for secret in secrets:
        if not is_secret(secret):
            continue
        try:
            Webhook(secret).verify(body, headers)
        except (WebhookVerificationError, ValueError, OverflowError):
            # svix lets plain errors out for bad base64, absurd timestamps and bodies that are no UTF-8.
            continue
        return
    raise SignatureError("The signature fits none of the endpoint's secrets, or the message is older than 5 minutes.")


def sign(body: bytes, message_id: str, moment: datetime, secrets: Sequence[str]) -> dict[str, str]:
    """The headers of Standard Webhooks for this message, with a signature by each of the secrets, in their order."""
    from svix.webhooks import Webhook  # noqa: PLC0415  as above

    signatures = [Webhook(secret).sign(message_id, moment, body.decode()) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def warm_up() -> None:
    """Load what signing takes, before the first message waits for it."""
    sign(b"{}", "msg", datetime.now(UTC), [new_secret()])


def new_secret() -> str:
    """A new signing secret: `whsec_` and base64 of 24 random bytes."""
    return PREFIX + base64.b64encode(random_bits.token_bytes(SECRET_BYTES)).decode()


def is_secret(text: str) -> bool:
    """Whether this can be a signing secret: `whsec_` and base64 of at least one byte."""
    encoded = text.removeprefix(PREFIX)
    try:
        return encoded != text and len(base64.b64decode(encoded, validate=True)) > 0
    except ValueError:
        return False

"""Webhook signatures, both ways: Svix's scheme, which is also that of Standard Webhooks. The only importer of svix."""

import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from svix.webhooks import Webhook, WebhookVerificationError

from foundation.errors import InvalidInputError, UnauthenticatedError

ID = "svix-id"
TIMESTAMP = "svix-timestamp"
SIGNATURE = "svix-signature"


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
        if not all(values) or not all(value.isascii() for value in values):
            raise InvalidInputError(f"The headers {ID}, {TIMESTAMP} and {SIGNATURE} are required, in ASCII.")
        return cls(*values)


def verify(body: bytes, signed: Signed, secrets: Sequence[str]) -> None:
    """Return if any secret signed these raw bytes within five minutes of now; else SignatureError."""
    headers = {ID: signed.message_id, TIMESTAMP: signed.timestamp, SIGNATURE: signed.signature}
    for secret in secrets:
        try:
            Webhook(secret).verify(body, headers)
        except (WebhookVerificationError, binascii.Error, ValueError, OverflowError):
            # svix lets plain errors out for bad base64, absurd timestamps and bodies that are no UTF-8.
            continue
        return
    raise SignatureError("The signature fits none of the endpoint's secrets, or the message is older than 5 minutes.")

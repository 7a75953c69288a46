"""One request, as the log keeps and shows it."""

import re
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from goody_emulator.state.timestamps import shown

LONGEST_BODY: Final = 16 * 1024
"""How many bytes of a body are kept."""

_KEY: Final = re.compile(rb"goody_token_commerce_\w+")


class _Referring(msgspec.Struct):
    customer_reference_id: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One request to Goody's operations, and what it was answered."""

    id: str
    moment: int
    """When it came, in milliseconds of the emulator's clock."""
    method: str
    path: str
    query: str
    app_id: str | None
    """The app of its key; None when the key was not let in."""
    status: int | None
    """The status it was answered; None when the connection ended without an answer."""
    ms: int
    """How long the answer took, in milliseconds of the machine's clock."""
    fault: str | None
    """The kind of fault that struck it."""
    customer_reference_id: str | None
    body: bytes
    """What is kept of its body."""
    is_cut: bool
    """Whether more of the body came than is kept."""

    @property
    def line(self) -> str:
        """Method, path and query."""
        return f"{self.method} {self.path}{'?' if self.query else ''}{self.query}"

    def shown(self) -> dict[str, Any]:
        """Return it as the control API shows it."""
        return {
            "id": self.id,
            "received_at": shown(self.moment),
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "app": self.app_id,
            "status": self.status,
            "ms": self.ms,
            "fault": self.fault,
            "customer_reference_id": self.customer_reference_id,
            "body": _readable(self.body),
            "body_is_cut": self.is_cut,
        }


def kept(body: bytes) -> bytes:
    """Return what is kept of a body: its beginning, with keys of Goody's made unreadable."""
    return _KEY.sub(b"goody_token_commerce_...", body[:LONGEST_BODY])


def reference_of(body: bytes) -> str | None:
    """Return the customer_reference_id of a body, or None."""
    try:
        return msgspec.json.decode(body, type=_Referring).customer_reference_id
    except (ValueError, RecursionError):
        return None


def _readable(body: bytes) -> Any:  # noqa: ANN401 - JSON of any shape
    try:
        return msgspec.json.decode(body) if body else None
    except (ValueError, RecursionError):
        return body.decode(errors="replace")

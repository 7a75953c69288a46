"""The requests that the listener answers, read as HTTP/1.1. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

PATH: Final = "/v1/events/stream"
HEALTH: Final = "/healthz"
LONGEST_HEAD: Final = 16 * 1024
_UNREADABLE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""Control characters: a line that ends in a way of its own would come back as a header of ours."""
_NAME: Final = re.compile(r"[!#$%&'*+.^`|~0-9A-Za-z-]+")
"""Names of headers but those with an underscore, which could pass for one with a hyphen."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked. Headers by their names in lower case; one that came several times is joined with commas."""

    method: str
    path: str
    token: str | None = field(repr=False)
    last_event_id: str | None
    headers: Mapping[str, str] = field(repr=False)

    @property
    def authorization(self) -> str:
        """The header of that name; empty if there is none."""
        return self.headers.get("authorization", "")

    @property
    def origin(self) -> str | None:
        """The web page that asks; None for what comes from no page."""
        return self.headers.get("origin")

    @property
    def is_preflight(self) -> bool:
        """Whether a browser asks whether it may ask."""
        return self.method == "OPTIONS" and self.origin is not None and "access-control-request-method" in self.headers

    def environ(self, peer: str) -> "WSGIEnvironment":
        """The same headers as WSGI names them, beside the peer's address."""
        named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
        return {**named, "REMOTE_ADDR": peer}


def read_request(head: bytes) -> Request | None:
    """The request of this head; None if it is none."""
    line, *rest = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    parts = line.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):  # noqa: PLR2004  method, target, version
        return None
    if any(_UNREADABLE.search(each) for each in (line, *rest)):
        return None
    try:
        url = urlsplit(parts[1])
        query = parse_qs(url.query)
    except ValueError:
        return None
    headers = _headers(rest)
    token, last = query.get("token", [None])[0], query.get("last_event_id", [None])[0]
    return Request(parts[0], url.path, token, headers.get("last-event-id") or last, headers)


def _headers(lines: list[str]) -> Mapping[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        if _NAME.fullmatch(name):
            known = headers.get(name.lower())
            headers[name.lower()] = value.strip() if known is None else f"{known},{value.strip()}"
    return headers

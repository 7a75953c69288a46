"""The one request that the listener answers: a GET of the stream, read as HTTP/1.1. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, urlsplit

from foundation.ids import new_id
from storefront.edge.keys import bearer_key

PATH: Final = "/v1/events/stream"
HEALTH: Final = "/healthz"
LONGEST_HEAD: Final = 16 * 1024
OPEN: Final = (
    b"HTTP/1.1 200 OK\r\n"
    b"Content-Type: text/event-stream\r\n"
    b"Cache-Control: no-store\r\n"
    b"Connection: close\r\n"
    b"X-Accel-Buffering: no\r\n"
    b"X-Content-Type-Options: nosniff\r\n"
)
FROM_ANYWHERE: Final = b"Access-Control-Allow-Origin: *\r\n"
"""For streams opened by a token: whoever has it may listen, and no cookie is ever looked at."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked."""

    method: str
    path: str
    token: str | None
    key: str | None
    last_event_id: str | None


def read_request(head: bytes) -> Request | None:
    """The request of this head; None if it is none."""
    line, *rest = head.decode("latin-1").split("\r\n")
    parts = line.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):  # noqa: PLR2004  method, target, version
        return None
    headers = _headers(rest)
    url = urlsplit(parts[1])
    query = parse_qs(url.query)
    token, last = query.get("token", [None])[0], query.get("last_event_id", [None])[0]
    return Request(
        parts[0], url.path, token, bearer_key(headers.get("authorization", "")), headers.get("last-event-id") or last
    )


def _headers(lines: list[str]) -> Mapping[str, str]:
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def refusal(status: int, code: str, detail: str) -> bytes:
    """A whole answer: a problem document (RFC 9457)."""
    phrase = HTTPStatus(status).phrase
    body = json.dumps(
        {
            "type": "about:blank",
            "title": phrase,
            "status": status,
            "detail": detail,
            "instance": PATH,
            "code": code,
            "request_id": new_id("req"),
        }
    ).encode()
    head = (
        f"HTTP/1.1 {status} {phrase}\r\nContent-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n"
    )
    return head.encode() + FROM_ANYWHERE + b"\r\n" + body

"""Goody's own words for a no, made fit for logs: short, on one line, and without a key."""

import re
from typing import Final

import msgspec

_LONGEST: Final = 300
# How Goody's keys begin, and where a key stands: an error that echoes the request must not carry it into our logs.
_KEY: Final = re.compile(r"goody_token_\w+|bearer \S+", re.IGNORECASE)


_DECLINE: Final = re.compile(r"your card was declined\b", re.IGNORECASE)


def is_decline(text: str) -> bool:
    """Whether Goody's words say that a card was declined: the one refusal that is meant for shoppers."""
    return _DECLINE.search(text) is not None


def refusal_text(body: bytes) -> str:
    """The text of `{"error": "text"}`, or the beginning of whatever came instead."""
    try:
        content = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        content = None
    said = content.get("error") if isinstance(content, dict) else None
    text = said if isinstance(said, str) else body[: 4 * _LONGEST].decode("utf-8", "replace")
    return _KEY.sub("[key]", " ".join(text.split()))[:_LONGEST]

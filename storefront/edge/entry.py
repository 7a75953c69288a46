"""One kept answer, in the forms it is sent in: plain, gzipped, and 304."""

import gzip
from collections.abc import Iterable
from typing import Final

from storefront.edge.negotiation import known_tags
from storefront.request_ids import REQUEST_ID

SMALLEST_PACKED: Final = 1024
"""Bytes: what is smaller fits in a packet as it is."""
LEVEL: Final = 5
OVERHEAD: Final = 2500
"""Bytes that an entry takes beside its body: headers, key, what Python adds."""

Header = tuple[str, str]
_PER_FORM: Final = frozenset({"content-length", "etag", REQUEST_ID.lower()})
_OF_BODY: Final = frozenset({"content-type", "content-language"})


class Form:
    """The answer in one coding: its own strong tag, the headers of the whole and of the 304, the bytes once made."""

    __slots__ = ("body", "etag", "headers", "unmodified_headers")

    def __init__(self, shared: list[Header], etag: str) -> None:
        self.etag = etag
        self.headers: list[Header] = []
        self.unmodified_headers = [*(header for header in shared if header[0].lower() not in _OF_BODY), ("ETag", etag)]
        self.body: bytes | None = None

    def fill(self, headers: list[Header], body: bytes) -> None:
        """Add the bytes. Two threads that do so at once do the same."""
        self.headers = [*headers, ("ETag", self.etag), ("Content-Length", str(len(body)))]
        self.body = body


class Entry:
    """An answer of Flask's that may be given again. `size` is in bytes."""

    __slots__ = ("_shared", "packed", "plain", "route", "size")

    def __init__(self, route: str, headers: Iterable[Header], etag: str, body: bytes) -> None:
        self.route = route
        self._shared = [(name, value) for name, value in headers if name.lower() not in _PER_FORM]
        self.plain = Form(self._shared, etag)
        self.plain.fill(self._shared, body)
        self.packed = Form(self._shared, f'{etag[:-1]}-gzip"') if len(body) >= SMALLEST_PACKED else None
        """None where gzip saves nothing; its bytes are made when first asked for."""
        self.size = OVERHEAD + len(body)

    def pack(self, form: Form) -> int:
        """Make the gzipped bytes; returns by how many bytes the entry grew."""
        body = self.plain.body or b""
        packed = gzip.compress(body, LEVEL, mtime=0)
        if len(packed) >= len(body):
            self.packed = None
            return 0
        form.fill([*self._shared, ("Content-Encoding", "gzip")], packed)
        self.size += len(packed)
        return len(packed)

    def known(self, if_none_match: str, form: Form) -> Form | None:
        """The form that the reader has already, preferably this one; None if neither (RFC 9110, section 13.1.2)."""
        if if_none_match == form.etag or if_none_match.strip() == "*":
            return form
        tags = known_tags(if_none_match)
        return next((each for each in (form, self.plain, self.packed) if each is not None and each.etag in tags), None)

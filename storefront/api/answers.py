"""Answers about the catalog as bytes and headers: views send them through Flask, the edge sends some by itself."""

from hashlib import blake2b
from typing import Final, NamedTuple

from catalog_sync.browsing.catalog import DocumentPage

MIMETYPE: Final = "application/json"
_CONTENT_TYPE: Final = ("Content-Type", MIMETYPE)
_CACHING: Final = (("Cache-Control", "public, max-age=60"), ("Vary", "Authorization, Accept-Encoding"))


class Answer(NamedTuple):
    """A 200 that shared caches may keep for a minute."""

    body: bytes
    etag: str
    headers: list[tuple[str, str]]
    """All but the tag."""


def answer(body: bytes, content: bytes, link: dict[str, str]) -> Answer:
    """The answer of these bytes; `content` is what its tag is made from, `link` the header of the next page."""
    etag = f'"{blake2b(content, digest_size=16).hexdigest()}"'
    return Answer(body, etag, [_CONTENT_TYPE, *_CACHING, *link.items()])


def list_answer(page: DocumentPage, link: dict[str, str]) -> Answer:
    """The answer of a list, its documents joined."""
    cursor = "null" if page.next_cursor is None else f'"{page.next_cursor}"'
    total = "" if page.total_count is None else f',"total_count":{page.total_count}'
    end = f'],"next_cursor":{cursor}{total}}}'.encode()
    body = b'{"data":[' + b",".join(page.documents) + end
    # The digests of the documents tell as much as the documents, and are a hundredth of them.
    content = body if page.digests is None else b"".join(page.digests) + end
    return answer(body, content, link)

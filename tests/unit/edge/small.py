"""A small application behind the edge, and what is asked of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.test import Client, TestResponse

from foundation.keys import KeyHolder, KeyKind
from storefront.edge.edge import GENERATION, ROUTE, Edge, Shortcut
from storefront.edge.entry import Entry
from storefront.edge.keys import KeyCache
from storefront.edge.responses import Question, ResponseCache
from storefront.metrics.traffic import Traffic

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

HOLDERS = {
    "pk_one": KeyHolder("one", "key_1", KeyKind.PUBLISHABLE),
    "sk_one": KeyHolder("one", "key_2", KeyKind.SECRET),
    "pk_two": KeyHolder("two", "key_3", KeyKind.PUBLISHABLE),
}
BODY = b'{"data":[' + b",".join(b'{"id":"%d","name":"A gift"}' % number for number in range(100)) + b"]}"


@dataclass
class Behind:
    """Answers with what it is told to, and remembers what it was asked."""

    status: str = "200 OK"
    body: bytes = BODY
    headers: dict[str, str] = field(
        default_factory=lambda: {
            "Content-Type": "application/json",
            "ETag": '"tag"',
            "Cache-Control": "public, max-age=60",
            "Vary": "Authorization, Accept-Encoding",
            "Link": '</v1/products?cursor=x>; rel="next"',
            "X-Content-Type-Options": "nosniff",
        }
    )
    generation: int | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer, as Flask would."""
        self.asked.append(dict(environ))
        environ[ROUTE] = "/v1/things"
        if self.generation is not None:
            environ[GENERATION] = self.generation
        made = {"Content-Length": str(len(self.body)), "X-Request-Id": f"req_{len(self.asked)}"}
        start_response(self.status, [*self.headers.items(), *made.items()])
        return [self.body]


class Stage:
    """The edge over it, with generations and a clock that tests move."""

    def __init__(self, most_bytes: int = 1024 * 1024) -> None:
        self.behind = Behind()
        self.generations = {"one": 1, "two": 1}
        self.now = 0.0
        self.holders = dict(HOLDERS)
        self.looked_up: list[str] = []
        self.responses = ResponseCache(most_bytes)
        self.traffic = Traffic()
        keys = KeyCache(self._authenticate, elapsed=lambda: self.now)
        self.shortcut: Shortcut = lambda _question: None
        edge = Edge(self.behind, keys, self.generations.__getitem__, self.responses, self.traffic, self._short)
        self._client = Client(edge, use_cookies=False)

    def get(self, path: str = "/v1/products", *, key: str = "pk_one", method: str = "GET", **more: str) -> TestResponse:
        """Ask; further headers are named as in the environment, less `HTTP_`."""
        named = {name if name == "CONTENT_LENGTH" else f"HTTP_{name}": text for name, text in more.items()}
        environ = {"HTTP_AUTHORIZATION": f"Bearer {key}", **named}
        return self._client.open(path, method=method, environ_overrides=environ)

    def _short(self, question: Question) -> tuple[Entry, int] | None:
        return self.shortcut(question)

    @property
    def calls(self) -> int:
        """How many questions came through."""
        return len(self.behind.asked)

    def _authenticate(self, key: str) -> KeyHolder | None:
        self.looked_up.append(key)
        return self.holders.get(key)

"""The WSGI layer in front of Flask: answers repeated questions about the catalog by itself, and counts every request.

An answer is kept under app, kind of key, generation, path and query, if Flask says that it is public. So a new
generation is a new question, and nothing has to be told that the catalog changed.
"""

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from foundation.database import DatabaseUnavailableError
from foundation.keys import KeyHolder
from foundation.scopes import allows
from foundation.settings import Settings
from storefront.edge.entry import Entry, Form
from storefront.edge.flask_answer import ask_flask
from storefront.edge.keys import KeyCache
from storefront.edge.negotiation import accepts_gzip
from storefront.edge.responses import Question, ResponseCache
from storefront.gate.bodies import NO_BODY, PEER, guard_body
from storefront.gate.gate import VERDICT, Gate
from storefront.gate.origins import Preflights, headers_for, may_come_from
from storefront.metrics.traffic import Traffic
from storefront.request_ids import REQUEST_ID, begin_request, choose_request_id

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

CATALOG: Final = ("/v1/products", "/v1/brands", "/v1/cards", "/v1/collections")
REST: Final = "/v1/"
READS: Final = frozenset({"GET", "HEAD"})
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Those that are counted by name: anybody may send any other."""
UNSHARED: Final = frozenset(
    {
        "HTTP_COOKIE",
        "HTTP_IF_MATCH",
        "HTTP_RANGE",
        "HTTP_TRANSFER_ENCODING",
        "HTTP_X_CHECKOUT_SECRET",
        "HTTP_X_CUSTOMER_TOKEN",
    }
)
"""Headers that make a question one for Flask."""
HOLDER: Final = "storefront.key_holder"
"""In the WSGI environment: whose key it is, which was looked up already; None for nobody's."""
GENERATION: Final = "storefront.generation"
"""In the WSGI environment: the generation that a view answered from, if it was told."""
ROUTE: Final = "storefront.route"
"""In the WSGI environment: the template of the route that answered."""
NO_ROUTE: Final = "none"

OPEN: Final = Settings(
    limit_public_per_minute=0,
    limit_secret_per_minute=0,
    limit_failed_per_minute=0,
    limit_stream_per_minute=0,
    limit_sending_per_minute=0,
)
"""No limits."""

Shortcut = Callable[[Question], tuple[Entry, int] | None]
"""Answers some questions as Flask would, in less time, and tells from which generation; None for all others."""


class Edge:
    """A WSGI application around Flask's."""

    def __init__(
        self,
        flask: "WSGIApplication",
        keys: KeyCache,
        generation_of: Callable[[str], int],
        responses: ResponseCache,
        traffic: Traffic,
        shortcut: Shortcut | None = None,
        gate: Gate | None = None,
        preflights: Preflights | None = None,
    ) -> None:
        self._preflights = preflights or Preflights(lambda: None)
        self._flask = flask
        self._shortcut = shortcut
        self._gate = gate or Gate(OPEN)
        self._keys = keys
        self._generation_of = generation_of
        self._responses = responses
        self._count = traffic.count

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        began = time.perf_counter()
        if self._gate.is_behind_proxies:
            environ[PEER] = environ.get("REMOTE_ADDR", "")
            environ["REMOTE_ADDR"] = self._gate.client_of(environ)
        if "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ and _is_preflight(environ):
            return self._answer_preflight(environ, start_response, began)
        question = self._question(environ)
        if question is None:
            return self._pass_on(environ, start_response, began)
        entry = self._responses.get(question)
        if entry is not None:
            request_id = choose_request_id(environ.get("HTTP_X_REQUEST_ID", ""))
            return self._answer(entry, environ, start_response, request_id, ("hit", began))
        if self._shortcut is not None:
            request_id = begin_request(environ.get("HTTP_X_REQUEST_ID", ""))
            found = self._shortcut(question)
            if found is not None:
                self._keep(question, *found)
                return self._answer(found[0], environ, start_response, request_id, ("miss", began))
        return self._fetch(question, environ, start_response, began)

    def _question(self, environ: "WSGIEnvironment") -> Question | None:
        """What is asked, if the answer may be one that others get too."""
        path = environ["PATH_INFO"]
        if (
            not path.startswith(CATALOG)
            or environ["REQUEST_METHOD"] not in READS
            or not environ.keys().isdisjoint(UNSHARED)
            or environ.get("CONTENT_LENGTH") not in NO_BODY
        ):
            return None
        try:
            authorization = environ.get("HTTP_AUTHORIZATION", "")
            if self._gate.is_tired_of(environ.get("REMOTE_ADDR", "")) and not self._keys.knows(authorization):
                return None
            holder = self._keys.holder_of(authorization)
            environ[HOLDER] = holder
            if holder is None or not _may_browse(holder, environ) or not self._may_pass(holder, environ):
                return None
            generation = self._generation_of(holder.app_id)
        except DatabaseUnavailableError:
            # Flask meets the same, and has the words for it.
            environ.pop(HOLDER, None)
            return None
        return holder.app_id, holder.kind, generation, path, environ.get("QUERY_STRING", "")

    def _answer_preflight(
        self, environ: "WSGIEnvironment", start_response: "StartResponse", began: float
    ) -> Iterable[bytes]:
        try:
            headers = self._preflights.headers(environ.get("HTTP_ORIGIN", ""))
        except DatabaseUnavailableError:
            return self._pass_on(environ, start_response, began)
        request_id = choose_request_id(environ.get("HTTP_X_REQUEST_ID", ""))
        start_response("204 NO CONTENT", [*headers, ("Cache-Control", "no-store"), (REQUEST_ID, request_id)])
        self._count((NO_ROUTE, "OPTIONS", "204", "none"), time.perf_counter() - began)
        return ()

    def _may_pass(self, holder: KeyHolder, environ: "WSGIEnvironment") -> bool:
        """Count the request; what is too much is Flask's to refuse, which has the words for it."""
        verdict = environ[VERDICT] = self._gate.count(holder, environ.get("REMOTE_ADDR", ""), environ["REQUEST_METHOD"])
        return verdict is None or verdict.retry_after is None

    def _answer(
        self,
        entry: Entry,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
        request_id: str,
        counted: tuple[str, float],
    ) -> Iterable[bytes]:
        form = self._form(entry, environ)
        method = environ["REQUEST_METHOD"]
        if_none_match = environ.get("HTTP_IF_NONE_MATCH")
        known = None if if_none_match is None else entry.known(if_none_match, form)
        outcome, began = counted
        told = headers_for(environ[HOLDER], environ.get("HTTP_ORIGIN"))
        if known is not None:
            start_response("304 NOT MODIFIED", [*known.unmodified_headers, *told, (REQUEST_ID, request_id)])
            self._count((entry.route, method, "304", outcome), time.perf_counter() - began)
            return ()
        start_response("200 OK", [*form.headers, *told, (REQUEST_ID, request_id)])
        self._count((entry.route, method, "200", outcome), time.perf_counter() - began)
        return () if method == "HEAD" else (form.body or b"",)

    def _form(self, entry: Entry, environ: "WSGIEnvironment") -> Form:
        packed = entry.packed
        if packed is None or not accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            return entry.plain
        if packed.body is None:
            self._responses.grow(entry.pack(packed))
        return entry.plain if packed.body is None else packed

    def _fetch(
        self, question: Question, environ: "WSGIEnvironment", start_response: "StartResponse", began: float
    ) -> Iterable[bytes]:
        """Let Flask answer, and keep what it says may be shared."""
        # Flask is asked for the whole, whatever this reader has of it already.
        whole = {**environ, "REQUEST_METHOD": "GET"}
        whole.pop("HTTP_IF_NONE_MATCH", None)
        answer = ask_flask(self._flask, whole)
        route = whole.get(ROUTE, NO_ROUTE)
        entry = answer.entry(route)
        if entry is None:
            _readable(environ, start_response)(answer.status, answer.headers)
            self._count((route, environ["REQUEST_METHOD"], answer.status[:3], "miss"), time.perf_counter() - began)
            return () if environ["REQUEST_METHOD"] == "HEAD" else (answer.body,)
        self._keep(question, entry, whole.get(GENERATION, question[2]))
        return self._answer(entry, environ, start_response, answer.request_id, ("miss", began))

    def _keep(self, question: Question, entry: Entry, generation: int) -> None:
        """Keep an answer, unless it is from another generation than it was asked of."""
        if generation == question[2]:
            self._responses.keep(question, entry)

    def _pass_on(self, environ: "WSGIEnvironment", start_response: "StartResponse", began: float) -> Iterable[bytes]:
        """Let Flask answer, and look only at the status."""
        status = "500"
        guard_body(environ, self._gate.body_seconds)
        if environ["PATH_INFO"].startswith(REST):
            start_response = _readable(environ, start_response)

        def start(*answered: object) -> object:
            nonlocal status
            status = str(answered[0])[:3]
            return start_response(*answered)  # type: ignore[arg-type]

        try:
            return self._flask(environ, start)  # type: ignore[arg-type]
        finally:
            method = environ["REQUEST_METHOD"]
            kind = (environ.get(ROUTE, NO_ROUTE), method if method in METHODS else "other", status, "none")
            self._count(kind, time.perf_counter() - began)


def _may_browse(holder: KeyHolder, environ: "WSGIEnvironment") -> bool:
    """Whether this key may read the catalog here; if not, Flask has the words for it."""
    if holder.scopes is holder.origins is None:
        return True
    return allows(holder.scopes, "catalog", is_write=False) and may_come_from(holder, environ.get("HTTP_ORIGIN"))


def _is_preflight(environ: "WSGIEnvironment") -> bool:
    path: str = environ["PATH_INFO"]
    return environ["REQUEST_METHOD"] == "OPTIONS" and path.startswith(REST)


def _readable(environ: "WSGIEnvironment", start_response: "StartResponse") -> "StartResponse":
    """The same, with what browsers have to be told before a page may read the answer."""

    def start(status: str, headers: list[tuple[str, str]], *error: object) -> object:
        told = headers_for(environ.get(HOLDER), environ.get("HTTP_ORIGIN"))
        return start_response(status, [*headers, *told] if told else headers, *error)  # type: ignore[arg-type]

    return start  # type: ignore[return-value]

"""Who may listen: limits first, then the key or the token, the page it comes from, and where the stream begins."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from foundation.errors import ForbiddenError, OriginNotAllowedError, StorefrontError, UnauthenticatedError
from foundation.events import EventsGoneError
from foundation.keys import KeyHolder, KeyKind
from foundation.scopes import READ, allows
from storefront.edge.keys import KeyCache, bearer_key
from storefront.gate.gate import Gate, too_many
from storefront.gate.origins import ANY, Header, headers_for, may_come_from
from storefront.stream.grants import AREA, Grant
from storefront.stream.requests import Request
from storefront.stream.source import Source
from storefront.stream.tokens import Scope, StreamTokenError, StreamTokens

NO_PAGE: Final = "null"
"""The origin of a page without one: of a sandboxed frame, a file, a redirect. Anybody can make such a page."""
NEITHER: Final = "Send your secret key, or open the stream with a token: ?token=…."


class NoLongerThereError(StorefrontError):
    """What a shopper's stream was to resume after is past its retention, or was never there."""

    code = EventsGoneError.code


@dataclass(frozen=True, slots=True)
class Admission:
    """Who was let in, and what a browser has to be told of it."""

    grant: Grant
    after: int | None
    """After which event its stream begins; None: with what happens from now on."""
    headers: tuple[Header, ...]


class Door:
    """Lets listeners in. Everything but `knock` reads the database, so it is for a thread."""

    def __init__(
        self, gate: Gate, keys: KeyCache, tokens: StreamTokens, source: Source, clock: Callable[[], datetime]
    ) -> None:
        self._gate = gate
        self._keys = keys
        self._tokens = tokens
        self._source = source
        self._clock = clock

    def knock(self, request: Request, peer: str) -> str:
        """The client's address, counted before anything else is done. TooManyRequestsError."""
        address = self._gate.client_of(request.environ(peer))
        self._gate.count_stream(address)
        return address

    def admit(self, request: Request, address: str) -> Admission:
        """Let it in. UnauthenticatedError (counted against the address), ForbiddenError, EventsGoneError, …."""
        if request.origin == NO_PAGE:
            raise OriginNotAllowedError("A page without an origin (null) may not listen: serve it from your own site.")
        try:
            admission, holder = self._of_key(request, address) if request.token is None else self._of_token(request)
        except UnauthenticatedError:
            self._gate.fail(address)
            raise
        verdict = self._gate.count(holder, address, request.method)
        if verdict is not None and verdict.retry_after is not None:
            raise too_many(verdict)
        if not may_come_from(holder, request.origin):
            raise OriginNotAllowedError("The key behind this stream may not be used from this web page's origin.")
        if not allows(holder.scopes, AREA, is_write=False):
            raise ForbiddenError(f"This secret key was not made for that: it needs {AREA}:{READ}.")
        if request.last_event_id is None:
            return admission
        return replace(admission, after=self._sequence_of(admission.grant, request.last_event_id))

    def _of_key(self, request: Request, address: str) -> tuple[Admission, KeyHolder]:
        authorization = request.authorization
        if bearer_key(authorization) is None:
            raise UnauthenticatedError(NEITHER)
        if self._gate.is_tired_of(address) and not self._keys.knows(authorization):
            raise UnauthenticatedError("Too many keys from this address were refused: this one is not even looked up.")
        holder = self._keys.look_up(authorization)
        if holder is None or holder.kind is not KeyKind.SECRET:
            raise UnauthenticatedError(NEITHER)
        grant = Grant(Scope(holder.app_id), holder.key_id, request.origin)
        return Admission(grant, None, headers_for(holder, request.origin)), holder

    def _of_token(self, request: Request) -> tuple[Admission, KeyHolder]:
        opened = self._tokens.read(request.token or "")
        holder = self._source.standing({opened.key_id}).get(opened.key_id)
        grant = Grant(opened.scope, opened.key_id, request.origin, opened.until)
        is_over = opened.until is not None and opened.until <= self._clock()
        if holder is None or holder.app_id != opened.scope.app_id or is_over:
            raise StreamTokenError("What this stream token was made with holds no longer. Make a new one.")
        # The backend made it for whichever page it likes: whoever has it may listen.
        headers = ANY if holder.kind is KeyKind.SECRET else headers_for(holder, request.origin)
        return Admission(grant, opened.after, headers), holder

    def _sequence_of(self, grant: Grant, event_id: str) -> int:
        try:
            return self._source.sequence_of(grant.scope.app_id, event_id)
        except EventsGoneError as error:
            if grant.scope.is_backend:
                raise
            # The number would tell a shopper how much the partner sells.
            raise NoLongerThereError(
                "The log no longer holds the event to resume after. Open the stream with a new token, and read anew."
            ) from error

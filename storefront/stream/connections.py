"""One connection to the stream: who it is, what it missed, what happens, and a heartbeat while nothing does."""

import asyncio
import socket
from contextlib import suppress
from typing import Final

from foundation.errors import ForbiddenError, NotFoundError, StorefrontError, UnauthenticatedError
from foundation.events import EventsGoneError
from foundation.logs import get_logger
from storefront.stream.hub import Hub, Listener
from storefront.stream.requests import FROM_ANYWHERE, HEALTH, OPEN, PATH, Request, read_request, refusal
from storefront.stream.source import Source, for_scope
from storefront.stream.tokens import Scope

log = get_logger(__name__)

HEAD_SECONDS: Final = 10.0
DRAIN_SECONDS: Final = 20.0
"""How long a listener may take to read what was sent, before it is dropped."""
LIFE_SECONDS: Final = 1800.0
"""After so long a stream ends, and its listener comes back: with a key that still holds, or a new token."""
LEFT_OVER: Final = 64 * 1024
HEARTBEAT: Final = b": still here\n\n"
BEGINNING: Final = b"retry: 2000\n\n"
STATUSES: Final = ((UnauthenticatedError, 401), (ForbiddenError, 403), (NotFoundError, 404), (EventsGoneError, 410))


class Connections:
    """Answers connections, each in a task of the event loop."""

    def __init__(self, source: Source, hub: Hub, heartbeat_seconds: float, most: int) -> None:
        self._source = source
        self._hub = hub
        self._heartbeat = heartbeat_seconds
        self._most = most

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection, to its end."""
        # What the system would hold for one that does not read is bounded like the rest.
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LEFT_OVER)
        try:
            # Whoever goes, or reads too slowly, is no news.
            with suppress(ConnectionError, TimeoutError):
                await self._answer(reader, writer)
        except Exception:
            log.exception("a stream broke off; its listener comes back")
        finally:
            if writer.transport.get_write_buffer_size() > LEFT_OVER:
                # It does not read: what it was sent is not waited for.
                writer.transport.abort()
            else:
                writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        request = read_request(head)
        if request is not None and request.path == HEALTH:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        elif request is None or request.method != "GET" or request.path != PATH:
            writer.write(refusal(404, "not_found", f"There is nothing here but GET {PATH}."))
        elif self._hub.count >= self._most:
            writer.write(refusal(503, "too_many_listeners", "This process has as many listeners as it may have."))
        else:
            try:
                scope, after = await self._admit(request)
            except StorefrontError as error:
                status = next((status for kind, status in STATUSES if isinstance(error, kind)), 503)
                writer.write(refusal(status, error.code, error.detail))
            else:
                await self._stream(reader, writer, scope, after, is_token=request.token is not None)
                return
        await self._drain(writer)

    async def _admit(self, request: Request) -> tuple[Scope, int | None]:
        """Who it is, and after which event the stream is to begin; None: with what happens from now on."""
        after: int | None = None
        if request.token is not None:
            scope, after = await self._hub.read(self._source.of_token, request.token)
        elif request.key is not None:
            scope = await self._hub.read(self._source.of_key, request.key)
        else:
            raise UnauthenticatedError("Send your secret key, or open the stream with a token: ?token=….")
        if request.last_event_id is not None:
            after = await self._hub.read(self._source.sequence_of, scope.app_id, request.last_event_id)
        return scope, after

    async def _stream(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        scope: Scope,
        after: int | None,
        *,
        is_token: bool,
    ) -> None:
        listener = Listener(scope, writer.transport.abort)
        position = await self._hub.join(listener)
        gone = asyncio.create_task(_gone(reader, listener))
        try:
            writer.write(OPEN + (FROM_ANYWHERE if is_token else b"") + b"\r\n" + BEGINNING)
            await self._drain(writer)
            if after is not None:
                await self._catch_up(writer, scope, after, position)
            await self._follow(writer, listener)
        finally:
            gone.cancel()
            self._hub.leave(listener)

    async def _catch_up(self, writer: asyncio.StreamWriter, scope: Scope, after: int, until: int) -> None:
        while after < until:
            page = await self._hub.read(self._source.after, scope.app_id, after)
            missed = [told for told in page if told.sequence <= until]
            for written in for_scope(missed, scope):
                writer.write(written)
                await self._drain(writer)
            if not missed:
                return
            after = missed[-1].sequence

    async def _follow(self, writer: asyncio.StreamWriter, listener: Listener) -> None:
        end = asyncio.get_running_loop().time() + LIFE_SECONDS
        while asyncio.get_running_loop().time() < end:
            try:
                written = await listener.next(self._heartbeat)
            except TimeoutError:
                written = HEARTBEAT
            if written is None:
                return
            writer.write(written)
            await self._drain(writer)

    async def _drain(self, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(DRAIN_SECONDS):
            await writer.drain()


async def _gone(reader: asyncio.StreamReader, listener: Listener) -> None:
    """End the stream when its listener closes the connection; what else it sends is not looked at."""
    with suppress(ConnectionError):
        while await reader.read(1024):
            pass
    listener.end()

"""One connection to the stream: who it is, what it missed, what happens, and a heartbeat while nothing does."""

import asyncio
import socket
from contextlib import suppress
from typing import Final

from foundation.errors import NotFoundError, OverloadedError, StorefrontError, TooManyRequestsError
from foundation.logs import get_logger
from storefront.gate.addresses import bucket_of
from storefront.gate.origins import Header, Preflights
from storefront.stream.answers import Answers
from storefront.stream.door import NO_PAGE, Door
from storefront.stream.hub import Hub, Listener
from storefront.stream.requests import HEALTH, PATH, Request, read_request
from storefront.stream.source import Source, for_scope

log = get_logger(__name__)

HEAD_SECONDS: Final = 10.0
DRAIN_SECONDS: Final = 20.0
"""How long a listener may take to read what was sent, before it is dropped."""
LIFE_SECONDS: Final = 1800.0
"""After so long a stream ends, and its listener comes back: with a key that still holds, or a new token."""
FULL_SECONDS: Final = 30.0
MOST_ARRIVING: Final = 1000
"""Connections whose request is still on its way; further ones are closed."""
LEFT_OVER: Final = 64 * 1024
HEARTBEAT: Final = b": still here\n\n"
BEGINNING: Final = b"retry: 2000\n\n"


class TooManyListenersError(OverloadedError):
    """The process has as many listeners as it may have."""

    code = "too_many_listeners"


class Connections:
    """Answers connections, each in a task of the event loop."""

    def __init__(
        self,
        source: Source,
        hub: Hub,
        door: Door,
        preflights: Preflights,
        answers: Answers,
        heartbeat_seconds: float,
        most: int,
        most_per_address: int,
    ) -> None:
        self._source = source
        self._hub = hub
        self._door = door
        self._preflights = preflights
        self._answers = answers
        self._heartbeat = heartbeat_seconds
        self._most = most
        self._most_per_address = most_per_address
        self._arriving = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection, to its end."""
        # What the system would hold for one that does not read is bounded like the rest.
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LEFT_OVER)
        try:
            # Whoever goes, or reads too slowly, is no news.
            with suppress(ConnectionError, TimeoutError):
                await self._answer(reader, writer)
        except StorefrontError as error:
            log.warning("a stream broke off; its listener comes back", why=error.detail)
        except Exception:
            log.exception("a stream broke off; its listener comes back")
        finally:
            if writer.transport.get_write_buffer_size() > LEFT_OVER:
                # It does not read: what it was sent is not waited for.
                writer.transport.abort()
            else:
                writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._arriving >= MOST_ARRIVING:
            return
        self._arriving += 1
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            self._arriving -= 1
        request = read_request(head)
        try:
            joined = await self._respond(request, writer)
        except StorefrontError as error:
            writer.write(self._answers.refusal(error, request))
        else:
            if joined is not None:
                await self._stream(reader, writer, *joined)
                return
        await self._drain(writer)

    async def _respond(
        self, request: Request | None, writer: asyncio.StreamWriter
    ) -> tuple[Listener, int, int | None] | None:
        """Begin an answer. For a stream: its listener, where that joined, and after what it is to be told."""
        if request is not None and request.path == HEALTH:
            writer.write(self._answers.healthy())
            return None
        if request is None or request.path != PATH or (request.method != "GET" and not request.is_preflight):
            raise NotFoundError(f"There is nothing here but GET {PATH}.")
        address = self._door.knock(request, _peer(writer))
        if request.is_preflight:
            writer.write(self._answers.preflight(request, await self._allowed(request.origin or "")))
            return None
        self._must_have_room()
        admission = await self._hub.read(self._door.admit, request, address)
        place = None if admission.grant.scope.is_backend else bucket_of(address)
        listener = Listener(admission.grant, writer.transport.abort, place)
        # Others may have come in meanwhile.
        self._must_have_room()
        if place is not None and self._hub.count_of(place) >= self._most_per_address:
            raise TooManyRequestsError(
                "Too many streams are open from this client address. Close some first.", retry_after=FULL_SECONDS
            )
        position = await self._hub.join(listener)
        writer.write(self._answers.beginning(request, admission.headers) + BEGINNING)
        return listener, position, admission.after

    def _must_have_room(self) -> None:
        if self._hub.count >= self._most:
            raise TooManyListenersError("This process has as many listeners as it may have.", retry_after=FULL_SECONDS)

    async def _allowed(self, origin: str) -> tuple[Header, ...]:
        if origin == NO_PAGE:
            return (("Vary", "Origin"),)
        return await self._hub.read(self._preflights.headers, origin)

    async def _stream(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        listener: Listener,
        position: int,
        after: int | None,
    ) -> None:
        gone = asyncio.create_task(_gone(reader, listener))
        try:
            # A reader that takes its time over what it missed does not stay for longer than others.
            async with asyncio.timeout(LIFE_SECONDS):
                await self._drain(writer)
                if after is not None:
                    await self._catch_up(writer, listener, after, position)
                await self._follow(writer, listener)
        finally:
            gone.cancel()
            self._hub.leave(listener)

    async def _catch_up(self, writer: asyncio.StreamWriter, listener: Listener, after: int, until: int) -> None:
        scope = listener.scope
        while after < until and not listener.is_cut:
            page = await self._hub.read(self._source.after, scope.app_id, after)
            missed = [told for told in page if told.sequence <= until]
            for written in for_scope(missed, scope):
                if listener.is_cut:
                    return
                writer.write(written)
                await self._drain(writer)
            if not missed:
                return
            after = missed[-1].sequence

    async def _follow(self, writer: asyncio.StreamWriter, listener: Listener) -> None:
        while True:
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


def _peer(writer: asyncio.StreamWriter) -> str:
    name = writer.get_extra_info("peername")
    return str(name[0]) if name else ""


async def _gone(reader: asyncio.StreamReader, listener: Listener) -> None:
    """End the stream when its listener closes the connection; what else it sends is not looked at."""
    with suppress(ConnectionError):
        while await reader.read(1024):
            pass
    listener.end()

"""The listener: an event loop in a thread of its own, so that an idle stream holds no thread of the API."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Final

from foundation.addresses import split_address
from foundation.errors import StorefrontError
from storefront.edge.keys import KeyCache
from storefront.gate.gate import Gate
from storefront.gate.origins import Preflights
from storefront.security_headers import security_headers
from storefront.services import Services
from storefront.stream.answers import PREFLIGHT, Answers
from storefront.stream.connections import Connections
from storefront.stream.door import Door
from storefront.stream.hub import Hub
from storefront.stream.requests import LONGEST_HEAD
from storefront.stream.source import Source

READERS: Final = 4
"""Threads that read the database for all listeners."""
BACKLOG: Final = 1024
END_SECONDS: Final = 5.0


class StreamServer:
    """Serves streams from `start` to `stop`."""

    def __init__(self, services: Services, host: str, port: int) -> None:
        settings = services.settings
        self._address = host, port
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="stream")
        source = Source(services.sessions, services.keys, services.key_uses, services.events)
        beat = settings.stream_heartbeat_seconds
        self._hub = Hub(source, self._pool, settings.stream_poll_seconds, beat, services.clock)
        keys = KeyCache(services.keys.authenticate, note=services.key_uses.note)
        self._connections = Connections(
            source,
            self._hub,
            Door(Gate(settings), keys, services.stream_tokens, source, services.clock),
            Preflights(services.keys.origins, told=PREFLIGHT),
            Answers(security_headers(settings.stream_url or settings.public_url).api),
            beat,
            settings.stream_listeners,
            settings.stream_listeners_per_address,
        )
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._bound: list[int | OSError] = []
        self._is_bound = threading.Event()
        self._thread = threading.Thread(target=self._run, name="event streams")

    def start(self) -> int:
        """Begin; returns the port. StorefrontError if it is taken."""
        self._thread.start()
        self._is_bound.wait()
        (bound,) = self._bound
        if isinstance(bound, OSError):
            self._thread.join()
            self._pool.shutdown()
            host, port = self._address
            raise StorefrontError(
                f"Can't serve event streams on {host}:{port}: {bound.strerror}. Choose another STOREFRONT_STREAM_BIND."
            ) from bound
        return bound

    def stop(self) -> None:
        """End every stream, and wait for that."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._pool.shutdown()

    @property
    def count(self) -> int:
        """How many listen just now."""
        return self._hub.count

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        open_ones: set[asyncio.Task[None]] = set()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101  it runs in one
            open_ones.add(task)
            try:
                await self._connections.serve(reader, writer)
            finally:
                open_ones.discard(task)

        host, port = self._address
        try:
            server = await asyncio.start_server(serve, host, port, limit=LONGEST_HEAD, backlog=BACKLOG)
        except OSError as error:
            self._bound.append(error)
            self._is_bound.set()
            return
        self._bound.append(server.sockets[0].getsockname()[1])
        self._is_bound.set()
        feeding = asyncio.create_task(self._hub.run())
        await self._stopping.wait()
        server.close()
        feeding.cancel()
        self._hub.end_all()
        if open_ones:
            _, late = await asyncio.wait(open_ones, timeout=END_SECONDS)
            for task in late:
                task.cancel()
        with suppress(asyncio.CancelledError):
            await feeding


@contextmanager
def event_streams(services: Services) -> Iterator[None]:
    """Serve streams where the settings say, for as long as the block lasts; nowhere if they say nothing."""
    if not services.settings.stream_bind:
        yield
        return
    server = StreamServer(services, *split_address(services.settings.stream_bind))
    server.start()
    try:
        yield
    finally:
        server.stop()

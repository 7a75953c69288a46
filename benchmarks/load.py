"""A load generator, as a process of its own: `python -m benchmarks.load`, told what to send by lines of JSON.

It keeps connections open and has one request under way on each. They are served in turns with plain blocking calls,
two of them a request, so that on a core of its own it is faster than the servers measured; it says how busy it was.

At a steady rate requests go out one by one at their time, and what one takes is counted from then, also where an answer
before it was late.
"""

import json
import re
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import cycle
from typing import Final

CONNECTIONS: Final = 16
LENGTH: Final = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
NO_BODY: Final = frozenset({b"304", b"204"})


@dataclass(frozen=True, slots=True)
class Load:
    """What to send: each path in turn, again and again, for so many seconds."""

    port: int
    paths: list[str]
    headers: dict[str, str]
    seconds: float
    connections: int = CONNECTIONS
    rate: float | None = None
    """Requests a second; None for as many as can be answered."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it; times in seconds. `busy` is how much of a core the generator used."""

    requests: int
    seconds: float
    statuses: dict[str, int]
    median: float
    p99: float
    busy: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def run(load: Load) -> Outcome:
    """Send it."""
    sockets = [_connect(load.port) for _ in range(load.connections)]
    try:
        if load.rate is not None:
            return _pace(sockets, cycle(_requests(load)), load.seconds, load.rate)
        return _drive(sockets, cycle(_requests(load)), load.seconds)
    finally:
        for each in sockets:
            each.close()


def _connect(port: int) -> socket.socket:
    connected = socket.create_connection(("127.0.0.1", port), timeout=60)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


def _requests(load: Load) -> list[bytes]:
    lines = "".join(f"{name}: {value}\r\n" for name, value in load.headers.items())
    return [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode() for path in load.paths]


def _drive(sockets: list[socket.socket], requests: Iterator[bytes], seconds: float) -> Outcome:
    took: list[float] = []
    statuses: dict[bytes, int] = {}
    clock = time.perf_counter
    busy_before, began = time.process_time(), clock()
    sent_at = []
    for each in sockets:
        sent_at.append(clock())
        each.sendall(next(requests))
    end = began + seconds
    is_over = False
    while not is_over:
        for number, each in enumerate(sockets):
            status = _read(each)
            now = clock()
            took.append(now - sent_at[number])
            statuses[status] = statuses.get(status, 0) + 1
            sent_at[number] = now
            each.sendall(next(requests))
        is_over = now >= end
    spent = clock() - began
    busy = (time.process_time() - busy_before) / spent
    for each in sockets:
        _read(each)
    return _outcome(took, statuses, spent, busy)


def _pace(sockets: list[socket.socket], requests: Iterator[bytes], seconds: float, rate: float) -> Outcome:
    took: list[float] = []
    statuses: dict[bytes, int] = {}
    clock = time.perf_counter
    busy_before, began = time.process_time(), clock()
    for number, each in zip(range(max(1, round(seconds * rate))), cycle(sockets), strict=False):
        due = began + number / rate
        early = due - clock()
        if early > 0:
            time.sleep(early)
            due = clock()  # Waking up late is nobody's fault but the system's.
        each.sendall(next(requests))
        status = _read(each)
        took.append(clock() - due)
        statuses[status] = statuses.get(status, 0) + 1
    spent = clock() - began
    return _outcome(took, statuses, spent, (time.process_time() - busy_before) / spent)


def _outcome(took: list[float], statuses: dict[bytes, int], spent: float, busy: float) -> Outcome:
    took.sort()
    return Outcome(
        requests=len(took),
        seconds=spent,
        statuses={status.decode(): number for status, number in statuses.items()},
        median=took[len(took) // 2],
        p99=took[len(took) * 99 // 100],
        busy=busy,
    )


def _read(connected: socket.socket) -> bytes:
    """Read one answer to its end; returns its status."""
    data = connected.recv(1 << 18)
    while (end := data.find(b"\r\n\r\n")) < 0:
        more = connected.recv(1 << 18)
        if not more:
            raise ConnectionError("The server closed the connection.")
        data += more
    status = data[9:12]
    if status in NO_BODY:
        return status
    found = LENGTH.search(data, 0, end)
    if found is None:
        raise ConnectionError(f"The answer tells no length: {data[:end].decode('latin-1')}")
    left = end + 4 + int(found[1]) - len(data)
    while left > 0:
        left -= len(connected.recv(1 << 18))
    return status


def main() -> None:
    """Do as each line says until the lines end."""
    for line in sys.stdin:
        print(json.dumps(asdict(run(Load(**json.loads(line))))), flush=True)


if __name__ == "__main__":
    main()

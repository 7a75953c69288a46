"""Counts of requests that can be added up over processes."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

BUCKETS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Seconds: from a ready answer to one that waited for Goody."""


Kind = tuple[str, str, str, str]
"""What a request was, as far as it is counted: template of its route, method, status, and `hit`, `miss` or `none`."""


class Durations(msgspec.Struct):
    """How long requests took: how many in each bucket (the last one has no bound), and the sum in seconds."""

    buckets: list[int] = msgspec.field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0


class Counts(msgspec.Struct):
    """Requests by kind, and how long they took by route."""

    requests: dict[Kind, int] = msgspec.field(default_factory=dict)
    durations: dict[str, Durations] = msgspec.field(default_factory=dict)

    def add(self, requests: Sequence[tuple[Kind, float]]) -> None:
        """Count requests: what each was, and how many seconds it took."""
        for kind, number in Counter(kind for kind, _ in requests).items():
            self.requests[kind] = self.requests.get(kind, 0) + number
            self.durations.setdefault(kind[0], Durations())
        for (route, _method, _status, _cache), seconds in requests:
            durations = self.durations[route]
            durations.buckets[bisect_left(BUCKETS, seconds)] += 1
            durations.seconds += seconds

    def absorb(self, other: "Counts") -> None:
        """Add those of another process."""
        for kind, number in other.requests.items():
            self.requests[kind] = self.requests.get(kind, 0) + number
        for route, theirs in other.durations.items():
            ours = self.durations.setdefault(route, Durations())
            ours.buckets = [one + two for one, two in zip(ours.buckets, theirs.buckets, strict=True)]
            ours.seconds += theirs.seconds


class _Stored(msgspec.Struct, array_like=True):
    """Counts in a file: a key of JSON or MessagePack can't be a tuple."""

    requests: list[tuple[Kind, int]]
    durations: dict[str, Durations]


_decoder: Final = msgspec.msgpack.Decoder(_Stored)


def encode(counts: Counts) -> bytes:
    """The counts for other processes to read."""
    return msgspec.msgpack.encode(_Stored(list(counts.requests.items()), counts.durations))


def decode(body: bytes) -> Counts:
    """The counts that another process wrote."""
    stored = _decoder.decode(body)
    return Counts(dict(stored.requests), stored.durations)


def total(all_counts: Iterable[Counts]) -> Counts:
    """All of them together."""
    together = Counts()
    for counts in all_counts:
        together.absorb(counts)
    return together

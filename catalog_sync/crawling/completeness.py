"""Whether what was read of a listing is all there is, so that what is absent is gone and was not merely missed.

Goody's catalog can change while it is paged and has no change feed. Three things are looked at. Every page has to name
the same total. As many distinct things have to be read as that total. Both hold, too, when one product slides over the
edge of a page that was read already while another joins the end; so where something known is absent, the listing is
read twice, and both readings have to hold the same ids in the same order, page by page. No page then changed from
before the moment between the two until after it (a change that was undone to the letter apart), so that what they read
is what the whole listing held at that moment: the double collect of Afek et al., Atomic Snapshots of Shared Memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b


@dataclass(slots=True)
class Reading:
    """One reading of a listing: of each page the total that it named, and a digest of its ids in their order."""

    seen: set[str] = field(default_factory=set)
    """The ids read, of broken things too where they have one."""
    nameless: int = 0
    """Things whose id can't be read."""
    totals: dict[int, int | None] = field(default_factory=dict)
    digests: dict[int, bytes] = field(default_factory=dict)

    def add(self, number: int, ids: Sequence[str | None], total: int | None) -> None:
        """Take in a page; None stands for an id that can't be read."""
        self.totals[number] = total
        self.digests[number] = blake2b("\n".join(each or "" for each in ids).encode(), digest_size=16).digest()
        self.seen.update(each for each in ids if each is not None)
        self.nameless += sum(each is None for each in ids)

    @property
    def total(self) -> int | None:
        """How many things the first page said there are."""
        return self.totals.get(1)


def drift(name: str, reading: Reading) -> str | None:
    """How the listing changed while it was read, if its counts show that it did."""
    total = reading.total
    other = next((each for each in reading.totals.values() if each is not None and each != total), total)
    if other != total:
        return f"The number of {name} went from {total} to {other} while they were read."
    distinct = len(reading.seen) + reading.nameless
    if distinct != total:
        return f"Goody counts {total} {name}, but {distinct} distinct ones were read."
    return None


def doubt(name: str, reading: Reading, before: Reading | None, absent: int) -> str | None:
    """Why another reading is called for; None when what is absent (so many known things) is proven to be gone."""
    drifted = drift(name, reading)
    if drifted is not None or not absent:
        return drifted
    if before is None or drift(name, before) is not None or before.digests != reading.digests:
        return f"{absent} known {name} were not listed, but no two readings in a row listed the same {name} alike."
    return None

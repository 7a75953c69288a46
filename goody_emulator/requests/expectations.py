"""What a test expects to have been asked."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from goody_emulator.errors import RefusedError
from goody_emulator.requests.entry import Entry
from goody_emulator.requests.log import KEPT, Filter

LONGEST_WAIT: Final = 60

Times = Annotated[int, Meta(ge=0, le=KEPT)]


class Expectation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which requests are expected, how many, and how long to wait for them."""

    method: str = ""
    path: str = ""
    contains: str = ""
    status: int | None = None
    since: str = ""
    count: Times | None = None
    at_least: Times | None = None
    at_most: Times | None = None
    within_seconds: Annotated[float, Meta(ge=0, le=LONGEST_WAIT)] = 0
    """How many real seconds it may take until it is so."""

    def check(self) -> None:
        """Refuse an expectation that contradicts itself."""
        if self.count is not None and (self.at_least, self.at_most) != (None, None):
            raise RefusedError("`count` says exactly how many: leave out `at_least` and `at_most`, or it.")
        if self._fewest > self._most:
            raise RefusedError("`at_least` must not be more than `at_most`.")

    def filter_of(self, app_id: str | None) -> Filter:
        """Return the filter that lets the expected requests of an app through."""
        return Filter(app_id, self.method, self.path, self.status, self.contains, self.since)

    def holds(self, found: Sequence[Entry]) -> bool:
        """Tell whether that many is as expected; with no number named, one is enough."""
        return self._fewest <= len(found) <= self._most

    @property
    def text(self) -> str:
        """How many requests are expected, in words."""
        if self._fewest == self._most:
            return f"exactly {self._fewest}"
        least, most = f"at least {self._fewest}", f"at most {self._most}"
        return least if self._most == KEPT else most if self._fewest == 0 else f"{least} and {most}"

    @property
    def _fewest(self) -> int:
        if self.count is not None:
            return self.count
        return self.at_least if self.at_least is not None else 1 if self.at_most is None else 0

    @property
    def _most(self) -> int:
        return next((times for times in (self.count, self.at_most) if times is not None), KEPT)

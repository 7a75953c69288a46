"""A run's sign of life: while it works, its lease is kept and its record shows how far it is."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from catalog_sync import runs
from catalog_sync.runs import Claim, Counts, LeaseLostError
from foundation.database import DatabaseUnavailableError
from foundation.logs import get_logger

log = get_logger(__name__)

BEAT_SECONDS: Final = 2.0
"""A fraction of the lease: several beats may be missed."""


class Pulse:
    """Beats in a thread of its own for as long as the `with` block lasts."""

    def __init__(self, claim: Claim, counts: Callable[[], Counts], beat_seconds: float = BEAT_SECONDS) -> None:
        self._claim = claim
        self._counts = counts
        self._beat_seconds = beat_seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"pulse of {claim.run_id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(self._beat_seconds):
            try:
                with self._claim.begin() as session:
                    runs.record_progress(session, self._claim.run_id, self._counts())
            except LeaseLostError:
                # The run itself learns of it when it writes next.
                return
            except DatabaseUnavailableError as error:
                log.warning("run could not give a sign of life", run_id=self._claim.run_id, why=error.detail)

"""The listings of an app's first publication, written while the supplier is still being read.

Nothing is served yet, and most of what is read will be published just as it came. What turns out otherwise (left out by
a rule, overridden, sent anew) is not taken up by the plan: the publication clears it away, and writes what is missing.
"""

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeAlias

from catalog_sync import search
from catalog_sync.publishing.listings import Ingredients, make_listings
from catalog_sync.publishing.plan import FIRST, USUAL
from catalog_sync.publishing.writing import announce
from catalog_sync.runs import Claim
from foundation.goody.resources import Product

_CHUNK: Final = 500
"""Products per transaction. Few large ones: the full text index of each is merged into the others'."""
_MOST_UNDER_WAY: Final = 2
"""Chunks; whoever brings more waits."""
_NUMBERS: Final = 2000
"""Document numbers taken at a time: on PostgreSQL all apps share one counter."""

_Sent: TypeAlias = tuple[Product, str]
"""A product, and the hash of what was sent."""


class Ahead:
    """Takes products as they are read. One thread makes and writes their listings, a chunk in a transaction.

    Bring them outside any transaction: whoever brings too many waits for that thread's own.
    """

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._pool = ThreadPoolExecutor(1, "ahead")
        self._taken: set[str] = set()
        self._waiting: list[_Sent] = []
        self._under_way: deque[Future[None]] = deque()
        self._numbers = iter(range(0))

    def take(self, products: Iterable[_Sent]) -> None:
        """Write these too. One that comes again is passed over: the publication finds its listing out of date."""
        fresh = [each for each in products if each[0].id not in self._taken]
        self._taken.update([product.id for product, _ in fresh])
        self._waiting += fresh
        while len(self._waiting) >= _CHUNK:
            self._hand_on()

    def finish(self) -> None:
        """Wait until all of them are written. Raises what kept them from it: LeaseLostError, the database's errors."""
        if self._waiting:
            self._hand_on()
        while self._under_way:
            self._under_way.popleft().result()

    def close(self) -> None:
        """Write no more, and wait for what is being written."""
        self._pool.shutdown(cancel_futures=True)

    def _hand_on(self) -> None:
        some, self._waiting = self._waiting[:_CHUNK], self._waiting[_CHUNK:]
        self._under_way.append(self._pool.submit(self._write, some))
        if len(self._under_way) > _MOST_UNDER_WAY:
            self._under_way.popleft().result()

    def _write(self, products: list[_Sent]) -> None:
        app_id = self._claim.app_id
        ingredients = [Ingredients(product, sent_hash, USUAL, self._number()) for product, sent_hash in products]
        is_sqlite = self._claim.sessions.engine.dialect.name == "sqlite"
        made = make_listings(app_id, FIRST, ingredients, is_sqlite=is_sqlite)
        with self._claim.begin_derived() as session:
            announce(session, app_id, FIRST)
            made.write(session)

    def _number(self) -> int:
        number = next(self._numbers, None)
        if number is None:
            with self._claim.begin_derived() as session:
                self._numbers = iter(search.next_docids(session, _NUMBERS))
            number = next(self._numbers)
        return number

"""Goody's own documents, where they are at hand, and a comparison of what was read with what was sent."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import pytest

# The names that Goody's second spelling has here; written out anew, so that a slip in the code can't excuse itself.
STORED_AS = {
    "individual_order_link": "individual_gift_link",
    "individual_gift_link_shared": "individual_gift_link",
    "gift_batch_id": "order_batch_id",
    "gifts_count": "orders_count",
    "gifts_preview": "orders_preview",
}
EMPTY: tuple[object, ...] = (None, 0, "", [], False)


@pytest.fixture
def assert_read_as_sent() -> Callable[[Any, object], None]:
    """Checks that each value that was sent, at any depth, was read: equal, and under the name it is stored by."""

    def check(sent: Any, value: object) -> None:
        _compare(sent, msgspec.json.decode(msgspec.json.encode(value)), "$")

    return check


def _compare(sent: Any, read: Any, at: str) -> None:
    if isinstance(sent, dict):
        assert isinstance(read, dict), at
        for key, part in sent.items():
            name = STORED_AS.get(key, key)
            assert name in read, f"{at}.{key} is not read"
            _compare(part, read[name], f"{at}.{key}")
    elif isinstance(sent, list):
        assert isinstance(read, list), at
        assert len(read) == len(sent), at
        for index, part in enumerate(sent):
            _compare(part, read[index], f"{at}[{index}]")
    elif sent is None:
        assert read in EMPTY, at
    elif read != sent:
        # The one value that may be written in another way: a moment.
        assert datetime.fromisoformat(read) == datetime.fromisoformat(sent), at

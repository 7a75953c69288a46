"""When what is absent may be taken for gone: against a listing that changes between any two pages."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog_sync.crawling.completeness import Reading, doubt, drift

SIZE = 3

Disturbances = dict[int, list[tuple[str, int]]]
"""By turn, what happens to the listing after a page: several things at once leave the total as it was."""

DISTURBANCES = st.dictionaries(
    st.integers(0, 16),
    st.one_of(
        st.integers(0, 20).map(lambda place: [("remove", place), ("append", 0)]),
        st.lists(st.tuples(st.sampled_from(["remove", "insert", "append", "move"]), st.integers(0, 20)), max_size=3),
    ),
)


@dataclass
class Listing:
    """A listing that is paged by offset. Nothing that left it comes back, and nothing new leaves it again."""

    ids: list[str]
    added: int = 0
    moved: set[str] = field(default_factory=set)

    def page(self, number: int) -> list[str]:
        return self.ids[(number - 1) * SIZE : number * SIZE]

    def disturb(self, what: str, place: int) -> None:
        place %= len(self.ids) + 1
        if what == "insert":
            self.added += 1
            self.ids.insert(place, f"new-{self.added}")
        elif what == "append":
            self.added += 1
            self.ids.append(f"new-{self.added}")
        elif place < len(self.ids) and self.ids[place].startswith("old"):
            each = self.ids.pop(place)
            if what == "move" and each not in self.moved:
                self.moved.add(each)
                self.ids.append(each)


def read(listing: Listing, disturbances: Disturbances, order: list[int], began: int) -> Reading:
    """One reading, page 1 first and the others in any order, disturbed after the pages whose turn is named."""
    reading = Reading()

    def take(number: int, turn: int) -> None:
        reading.add(number, listing.page(number), len(listing.ids))
        for what, place in disturbances.get(turn, ()):
            listing.disturb(what, place)

    take(1, began)
    count = max(1, -(-(reading.total or 0) // SIZE))
    others = sorted(range(2, count + 1), key=lambda number: order[number % len(order)])
    for turn, number in enumerate(others, began + 1):
        take(number, turn)
    return reading


@settings(max_examples=400, deadline=None)
@given(
    st.integers(1, 14),
    DISTURBANCES,
    st.lists(st.integers(0, 9), min_size=5, max_size=5),
)
def test_nothing_that_was_there_is_ever_taken_for_gone(size: int, disturbances: Disturbances, order: list[int]) -> None:
    listing = Listing([f"old-{number}" for number in range(size)])
    known = set(listing.ids)
    before: Reading | None = None
    began = 0
    for _ in range(4):
        # What is there between two readings is what both of them have to agree on.
        there = set(listing.ids)
        reading = read(listing, disturbances, order, began)
        began += 6
        absent = known - reading.seen
        if doubt("products", reading, before, len(absent)) is None:
            assert not absent & there if before is not None else not absent
            return
        before = reading


def slid(*, second_is_alike: bool) -> tuple[Reading, Reading]:
    """Product c slides over the edge of page 1, which was read already, while g joins the end."""
    first, second = Reading(), Reading()
    first.add(1, ["a", "b", "x"], 6)
    first.add(2, ["d", "e", "g"], 6)
    for number, ids in enumerate(
        [["a", "b", "x"], ["d", "e", "g"]] if second_is_alike else [["a", "b", "c"], ["d", "e", "g"]], 1
    ):
        second.add(number, ids, 6)
    return first, second


def test_a_product_that_slides_over_an_edge_while_another_joins_the_end_leaves_the_counts_right() -> None:
    first, second = slid(second_is_alike=False)
    assert drift("products", first) is None
    assert doubt("products", first, None, absent=1) == (
        "1 known products were not listed, but no two readings in a row listed the same products alike."
    )
    assert doubt("products", second, first, absent=1) is not None
    assert doubt("products", second, first, absent=0) is None


def test_two_readings_alike_prove_what_is_absent() -> None:
    first, second = slid(second_is_alike=True)
    assert doubt("products", second, first, absent=1) is None


@pytest.mark.parametrize(
    ("pages", "reason"),
    [
        ([(["a", "b", "c"], 5), (["d"], 4)], "The number of products went from 5 to 4 while they were read."),
        ([(["a", "b", "c"], 5), (["c", "d"], 5)], "Goody counts 5 products, but 4 distinct ones were read."),
        ([(["a", "b", "c"], 5), (["d"], 5)], "Goody counts 5 products, but 4 distinct ones were read."),
        ([(["a", None], 2)], None),
        ([([], 0)], None),
    ],
)
def test_counts_tell_of_drift(pages: list[tuple[list[str | None], int]], reason: str | None) -> None:
    reading = Reading()
    for number, (ids, total) in enumerate(pages, 1):
        reading.add(number, ids, total)
    assert drift("products", reading) == reason
    assert doubt("products", reading, None, absent=0) == reason


def test_a_reading_that_drifted_proves_nothing_for_the_next() -> None:
    drifted, after = Reading(), Reading()
    for reading, total in ((drifted, 3), (after, 2)):
        reading.add(1, ["a", "b"], total)
    assert doubt("products", after, drifted, absent=1) is not None

"""Which runs wait for a person: at the limits, beyond them, and with nothing to lose."""

import pytest

from catalog_sync.crawling.brake import Limits, judge


def codes(
    *,
    present: int = 100,
    leaving: int = 0,
    repriced: int = 0,
    before: dict[str, int] | None = None,
    after: dict[str, int] | None = None,
    limits: Limits | None = None,
) -> list[tuple[str, int, int]]:
    brakes = judge(
        limits or Limits(), present=present, leaving=leaving, repriced=repriced, before=before or {}, after=after or {}
    )
    return [(brake.code, brake.found, brake.limit) for brake in brakes]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"leaving": 10}, []),
        ({"leaving": 11}, [("too_many_retired", 11, 10)]),
        ({"present": 10_000, "leaving": 500}, []),
        ({"present": 10_000, "leaving": 501}, [("too_many_retired", 501, 500)]),
        ({"repriced": 25}, []),
        ({"repriced": 26}, [("too_many_repriced", 26, 25)]),
        ({"present": 0}, []),
        ({"leaving": 1, "limits": Limits(retire_percent=0)}, [("too_many_retired", 1, 0)]),
        ({"leaving": 4, "limits": Limits(retire_count=3)}, [("too_many_retired", 4, 3)]),
        ({"repriced": 100, "limits": Limits(reprice_percent=100)}, []),
        ({"leaving": 50, "repriced": 50}, [("too_many_retired", 50, 10), ("too_many_repriced", 50, 25)]),
    ],
)
def test_limits(found: dict[str, object], expected: list[tuple[str, int, int]]) -> None:
    assert codes(**found) == expected  # type: ignore[arg-type]


def test_a_collection_that_had_members_must_keep_some() -> None:
    before = {"birthday": 4, "empty": 0, "taken-away": 3, "small": 9}
    after = {"birthday": 0, "empty": 0, "small": 1}
    assert codes(before=before, after=after) == [("collection_emptied", 1, 0)]


def test_the_sentence_names_some_and_counts_the_rest() -> None:
    before = {f"c{number}": 1 for number in range(7)}
    (brake,) = judge(Limits(), present=1, leaving=0, repriced=0, before=before, after=dict.fromkeys(before, 0))
    assert brake.detail == "Nothing would be left in the collections c0, c1, c2, c3, c4 and 2 more."

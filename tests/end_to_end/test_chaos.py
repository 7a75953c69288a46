"""A short chaos run on each database; `make chaos` is the long one."""

from pathlib import Path

import pytest

from tests.chaos.run import Plan, run
from tests.databases import KINDS


@pytest.mark.end_to_end
@pytest.mark.parametrize("kind", KINDS)
def test_one_gift_for_one_checkout_whatever_breaks(kind: str, tmp_path: Path) -> None:
    verdict = run(Plan(checkouts=6, database=kind, seed=7, buyers=6, kill_pause=2), tmp_path, say=print)
    assert verdict.faults == []
    assert verdict.counts["checkouts"] == 6
    assert verdict.counts["completed checkouts"] == verdict.counts["batches at Goody"]
    assert verdict.counts["processes killed"] > 0

"""Any history with statements: the ledger balances, says what paper says, and in the end what Goody's own says.

A few histories are tried each time. `STATEMENT_HISTORIES=500` in the environment tries so many.
"""

import os
from collections.abc import Iterator
from typing import Final

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from foundation.database import Sessions
from storefront.migrating import migrate
from tests.databases import Databases
from tests.emulator.program import running
from tests.integration.ledger.conftest import new_app
from tests.integration.statements.histories import History
from tests.shop import SLUG, WEBHOOK_SECRET, open_shop

EXAMPLES: Final = int(os.environ.get("STATEMENT_HISTORIES", "6"))
STEPS: Final = (
    "order", "agree", "wait", "move money", "download", "import", "import", "hear", "catch up", "reconcile",
    *["happen"] * 8,
)  # fmt: skip


@pytest.fixture(scope="module")
def goody_url() -> Iterator[str]:
    """A Goody whose clock these tests alone move."""
    with running("--products", "40") as base_url:
        yield base_url


@pytest.fixture(scope="module")
def template(databases: Databases) -> str:
    """The URL of a database with one app: every history gets a copy."""
    url = databases.new()
    sessions = Sessions(url)
    migrate(sessions)
    new_app(sessions, SLUG, WEBHOOK_SECRET)
    sessions.dispose()
    return url


# Made smaller it would take minutes: each history is told to two programs.
PHASES: Final = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=EXAMPLES, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
@given(draw=st.data())
def test_after_any_history_both_books_agree_to_the_cent(
    databases: Databases, template: str, goody_url: str, draw: st.DataObject
) -> None:
    httpx.post(f"{goody_url}/_emulator/reset", trust_env=False).raise_for_status()
    url = databases.copy(template)
    with open_shop(url, goody_url) as shop:
        history = History(shop)
        history.begin(draw)
        for step in draw.draw(st.lists(st.sampled_from(STEPS), min_size=10, max_size=30)):
            history.take_step(step, draw)
            history.must_balance()
        history.settle()
        history.must_be_as_on_paper()
        history.everything_told()
        history.settle()
        history.record_money()
        history.reconcile()
        history.must_balance()
        history.must_be_as_on_paper()
        history.must_be_as_goody_says()
        before = history.entries()
        history.reconcile()
        assert history.entries() == before, "nothing is posted twice"
    databases.drop(url)

"""A delivering process killed with SIGKILL at each of its steps: all arrives, in order, and nothing is lost."""

import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.integration.delivery.partner import Message, Reply
from tests.integration.delivery.world import World
from tests.patience import until

STRIDE = 17
"""Each run is killed so many steps after the one before it."""
LIFE = ("order.opened", "order.payment_link_ready")


class Killed:
    """A helper process that delivers until it is killed at a step."""

    def __init__(self, database_url: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603  our own program
            (sys.executable, "-m", "tests.integration.delivery.killing", database_url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, step: int) -> int:
        """Begin; returns the process that is going to be killed."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{step}\n")
        self._process.stdin.flush()
        return self._line()

    def was_killed(self) -> bool:
        """Whether it got so far."""
        ended = self._line()
        assert ended in {0, -signal.SIGKILL}
        return ended != 0

    def _line(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


@pytest.fixture
def killed(database_url: str) -> Iterator[Killed]:
    killed = Killed(database_url)
    yield killed
    killed.close()


def first_arrivals(messages: list[Message]) -> dict[str, list[str]]:
    """Per order the types of what arrived, in the order of their first arrival."""
    found: dict[str, list[str]] = defaultdict(list)
    for message in messages:
        if message.event["type"] not in found[message.subject]:
            found[message.subject].append(message.event["type"])
    return found


def test_killed_at_any_step_nothing_is_lost_and_order_is_kept(world: World, killed: Killed) -> None:
    endpoint, _ = world.endpoint()
    # Another beginning each day: in time they come to every step.
    step, runs = 1 + datetime.now(UTC).toordinal() % STRIDE, 0
    while True:
        subjects = [f"{name} of run {runs}" for name in ("one", "two")]
        seen = len(world.partner.received)
        for event_type in LIFE:
            for subject in subjects:
                world.happen(event_type, subject)
        killed.start(step)
        was_killed = killed.was_killed()
        # Another worker, once the lease of the dead one is over.
        world.clock.advance(seconds=60)
        world.deliver()
        arrived = world.partner.received[seen:]
        assert first_arrivals(arrived) == {subject: list(LIFE) for subject in subjects}, f"killed at step {step}"
        assert len(arrived) <= len(LIFE) * len(subjects) + 4, "no more than what was on its way comes twice"
        if not was_killed:
            break
        runs, step = runs + 1, step + STRIDE
    assert runs >= 3
    assert set(world.statuses(endpoint)) == {"delivered"}
    with world.services.sessions.engine.connect() as connection:
        statuses = connection.exec_driver_sql("SELECT DISTINCT status FROM webhook_deliveries").scalars().all()
    assert statuses == ["delivered"]


def test_killed_while_the_partner_answers_it_comes_once_more(world: World, killed: Killed) -> None:
    """It took the message, and nobody wrote that down: it is sent again under the same id, before the next one."""
    endpoint, _ = world.endpoint()
    world.happen("order.opened", "one")
    world.happen("order.paid", "one")
    begun: list[int] = []

    def kill(_: Message) -> Reply:
        world.partner.answer(Reply())
        until(lambda: bool(begun))
        os.kill(begun[0], signal.SIGKILL)
        return Reply()

    world.partner.answers["/hooks"] = kill
    begun.append(killed.start(1_000_000))
    assert killed.was_killed()
    assert world.statuses(endpoint) == ["sending", "waiting"]
    world.deliver()
    assert len(world.partner.received) == 1, "not while the dead one's lease lasts"
    world.clock.advance(seconds=60)
    world.deliver()
    types = [message.event["type"] for message in world.partner.received]
    assert types == ["order.opened", "order.opened", "order.paid"]
    assert world.partner.received[0].id == world.partner.received[1].id
    assert world.statuses(endpoint) == ["delivered"] * 2

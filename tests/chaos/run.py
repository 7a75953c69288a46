"""One chaos run: a storm while gifts are sold, then calm, then the verdict."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.chaos.partner import Partner, Sale
from tests.chaos.stage import Stage, staged
from tests.chaos.verdict import Verdict, judge, read_books
from tests.chaos.weather import chaos, faults, quirks

QUIRK_SECONDS: Final = 4.0
AFTERWARDS: Final = (5, 300, 1800, 7200, 18_000, 36_000, 36_000, 86_400, 86_400)
"""Seconds of Goody's clock: from one of Svix's tries to the next, and past the latest duplicate."""
BETWEEN_TRIES: Final = 0.3
"""Real seconds, so that not all tries of a message fall into one bad moment."""
RETRIED_WITHIN: Final = 600


@dataclass(frozen=True)
class Plan:
    """How much of it. The pauses are in seconds."""

    checkouts: int = 300
    database: str = "sqlite"
    seed: int = 1
    buyers: int = 8
    kill_pause: float = 3.0
    calm_seconds: float = 240.0


def run(plan: Plan, folder: Path, say: Callable[[str], None]) -> Verdict:
    """Run it; returns what was counted and what does not agree."""
    chance = random.Random(plan.seed)  # noqa: S311  a seed repeats it
    say(f"seed {plan.seed}: {plan.checkouts} checkouts on {plan.database}")
    with staged(plan.database, folder) as stage:
        stage.start()
        began = time.monotonic()
        sales = _storm(stage, plan, chance)
        say(f"storm of {time.monotonic() - began:.0f} s over, {stage.kills} processes killed; waiting for calm")
        verdict = _calm(stage, plan, sales, say)
        verdict.counts["processes killed"] = stage.kills
    return verdict


def _storm(stage: Stage, plan: Plan, chance: random.Random) -> list[Sale]:
    stage.control("POST", "faults", {"rules": faults(plan.seed)})
    stage.control("POST", "webhooks/chaos", {"rules": chaos(plan.seed)})
    stop = threading.Event()
    weather = [
        threading.Thread(target=stage.kill_at_random, args=(random.Random(plan.seed), stop, plan.kill_pause)),  # noqa: S311
        threading.Thread(target=_change_quirks, args=(stage, random.Random(plan.seed), stop)),  # noqa: S311
    ]
    for thread in weather:
        thread.start()
    try:
        return _sell(stage, plan, chance)
    finally:
        stop.set()
        for thread in weather:
            thread.join()
        stage.control("DELETE", "faults")
        stage.control("DELETE", "webhooks/chaos")
        stage.control("DELETE", "quirks")


def _sell(stage: Stage, plan: Plan, chance: random.Random) -> list[Sale]:
    def sell(number: int, seed: int) -> Sale:
        partner = Partner(stage, seed)
        try:
            return partner.sell(stage.apps[number % len(stage.apps)])
        finally:
            partner.close()

    seeds = [chance.randrange(1 << 30) for _ in range(plan.checkouts)]
    with ThreadPoolExecutor(plan.buyers) as pool:
        return list(pool.map(sell, range(plan.checkouts), seeds))


def _change_quirks(stage: Stage, chance: random.Random, stop: threading.Event) -> None:
    for group in quirks(chance):
        stage.control("PUT", "quirks", {"quirks": list(group)})
        if stop.wait(QUIRK_SECONDS):
            return


def _calm(stage: Stage, plan: Plan, sales: Sequence[Sale], say: Callable[[str], None]) -> Verdict:
    """Let everything that is under way end; the verdict is the last one, when nothing gets better any more."""
    for seconds in AFTERWARDS:
        stage.control("POST", "clock/advance", {"seconds": seconds})
        time.sleep(BETWEEN_TRIES)
    partner = Partner(stage, plan.seed)
    try:
        end = time.monotonic() + plan.calm_seconds
        while True:
            verdict = judge([read_books(stage, partner, app, sales) for app in stage.apps], sales)
            if not verdict.faults:
                return verdict
            say(
                f"not yet: {len(verdict.faults)}, such as: {verdict.faults[0]}; messages on their way: {_unsent(stage)}"
            )
            if time.monotonic() > end:
                return verdict
            time.sleep(2)
            # What failed since the clock was moved is tried again in minutes, which nobody has.
            stage.control("POST", "clock/advance", {"seconds": RETRIED_WITHIN})
    finally:
        partner.close()


def _unsent(stage: Stage) -> int:
    """How many of Goody's messages have not arrived, and are tried again."""
    sent = [each for app in stage.apps for each in stage.control("GET", "deliveries", app=app)["data"]]
    return sum(each["status"] == "pending" for each in sent)

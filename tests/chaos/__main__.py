"""`make chaos`: the long chaos run. `make chaos ARGS="--checkouts 500 --database postgresql --seed 7"`."""

import argparse
import random
import signal
import sys
import tempfile
from pathlib import Path

from tests.chaos.run import Plan, run
from tests.databases import KINDS


def main() -> None:
    """Run it on the databases asked for; exit code 1 if a promise was broken."""
    # Asked to end, it ends its programs first.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(1))
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--checkouts", type=int, default=300)
    parser.add_argument("--database", choices=KINDS, help="both, one after the other, if left out")
    parser.add_argument("--seed", type=int, help="repeats the weather of a run; printed first")
    parser.add_argument("--keep", type=Path, help="a folder for the programs' logs")
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(10_000)
    kinds = KINDS if asked.database is None else (asked.database,)
    broken = [kind for kind in kinds if not _run(Plan(asked.checkouts, kind, seed), asked.keep)]
    sys.exit(1 if broken else 0)


def _run(plan: Plan, keep: Path | None) -> bool:
    with tempfile.TemporaryDirectory(prefix="chaos-") as temporary:
        verdict = run(plan, _folder(plan, Path(temporary), keep), say=lambda text: print(text, flush=True))
    for name, count in verdict.counts.items():
        print(f"  {name:<24} {count:>7}")
    for fault in verdict.faults:
        print(f"  BROKEN  {fault}")
    print(f"{plan.database}: {'every promise kept' if not verdict.faults else f'{len(verdict.faults)} broken'}")
    return not verdict.faults


def _folder(plan: Plan, temporary: Path, keep: Path | None) -> Path:
    """A folder with nothing in it: what Goody held in an earlier run would count as broken in this one."""
    if keep is None:
        return temporary
    keep.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{plan.database}-{plan.seed}-", dir=keep))
    print(f"logs: {folder}", flush=True)
    return folder


if __name__ == "__main__":
    main()

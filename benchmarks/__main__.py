"""`make bench`: run every benchmark and print its figures; `make bench ARGS="browse --database postgresql"` some."""

import argparse
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Final

from benchmarks.browse import measure_browse
from benchmarks.complete import measure_complete
from benchmarks.curation import measure_curation
from benchmarks.emulator import measure_emulator
from benchmarks.ledger import measure_ledger
from benchmarks.reconcile import measure_reconcile
from benchmarks.relay import measure_relay
from benchmarks.size import measure_size
from benchmarks.stream import measure_stream
from benchmarks.sync import measure_sync
from benchmarks.webhooks import measure_webhooks
from foundation.logs import configure_logs

BENCHMARKS: Final[dict[str, Callable[[str], Iterable[object]]]] = {
    "browse": measure_browse,
    "complete": measure_complete,
    "webhooks": measure_webhooks,
    "relay": measure_relay,
    "stream": measure_stream,
    "size": measure_size,
    "curation": measure_curation,
    "sync": measure_sync,
    "reconcile": measure_reconcile,
    "ledger": measure_ledger,
    "emulator": lambda _database: measure_emulator(),
}


def main() -> None:
    """Run those named, or all."""
    # Asked to end, it ends its servers first.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(1))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args()
    configure_logs("console", "WARNING")
    for name in given.names or BENCHMARKS:
        for measured in BENCHMARKS[name](given.database):
            print(measured, flush=True)


if __name__ == "__main__":
    main()

"""`make bench`: run every benchmark and print its ratios; `make bench ARGS=emulator` runs those named."""

import sys
from collections.abc import Callable, Iterable
from typing import Final

from benchmarks.browse import measure_browse
from benchmarks.emulator import measure_emulator
from benchmarks.webhooks import measure_webhooks

BENCHMARKS: Final[dict[str, Callable[[], Iterable[object]]]] = {
    "browse": measure_browse,
    "emulator": measure_emulator,
    "webhooks": measure_webhooks,
}

for name in sys.argv[1:] or BENCHMARKS:
    if name not in BENCHMARKS:
        sys.exit(f"There is no benchmark {name!r}; the benchmarks are {', '.join(BENCHMARKS)}.")
    for measured in BENCHMARKS[name]():
        print(measured, flush=True)

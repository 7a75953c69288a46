"""Importing and reconciling a statement of 100,000 lines: time, memory, and how both grow."""

import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from benchmarks import booked, stand
from benchmarks.machine import BenchmarkError
from foundation.logs import configure_logs

SMALL: Final = 20_000
LARGE: Final = 100_000
"""Lines."""
SECONDS_AIM: Final = 60.0
MEGABYTES_AIM: Final = 1000.0
GROWTH_AIM: Final = 1.3
"""Time per line, of the large statement beside the small one."""
HERE: Final = "import sys; from benchmarks.reconcile import reconcile_here; reconcile_here(*sys.argv[1:])"


def measure_reconcile(database: str) -> Iterator[str]:
    """Each figure as a line."""
    found = {lines: _measured(database, lines) for lines in (SMALL, LARGE)}
    small, large = found[SMALL], found[LARGE]
    for name, seconds in large["seconds"].items():
        yield f"{name} of {LARGE} lines on {database}: {seconds:.1f} s, {large['cpu'][name]:.1f} s of the processor"
    yield _beside("reconciliation", large["seconds"]["reconciliation"], SECONDS_AIM, "s")
    yield _beside("peak memory", large["megabytes"], MEGABYTES_AIM, "MB")
    growth = large["cpu"]["reconciliation"] / LARGE / (small["cpu"]["reconciliation"] / SMALL)
    yield _beside(f"the processor's time per line beside that of {SMALL} lines", growth, GROWTH_AIM, "×")


def reconcile_here(url: str, secret: str, lines: str) -> None:
    """Sell, import and reconcile in this process; print the seconds of each, and the most megabytes it ever held."""
    configure_logs("console", "WARNING")
    orders, clocks = int(lines) // 2, {}
    with stand.services_over(url, secret) as services:
        app_id = stand.new_app(services, "http://127.0.0.1:9", "bench").app_id
        booked.sell(services, app_id, orders)
        content = booked.statement(app_id, orders)
        began = _clocks()
        services.statements.import_file(app_id, io.BytesIO(content), by="benchmark")
        clocks["import"] = _since(began)
        for name in ("reconciliation", "the same again"):
            began = _clocks()
            run = services.reconciliations.run(app_id, booked.BEGAN, booked.BEGAN + timedelta(days=31), "benchmark")
            clocks[name] = _since(began)
            if run.counts["findings"] or run.counts["matches"] != {"order_reference": 2 * orders}:
                raise BenchmarkError(f"It did not come out even: {run.counts}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    seconds, cpu = ({name: each[place] for name, each in clocks.items()} for place in (0, 1))
    print(json.dumps({"seconds": seconds, "cpu": cpu, "megabytes": peak}))


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(began: tuple[float, float]) -> tuple[float, float]:
    return time.perf_counter() - began[0], time.process_time() - began[1]


def _measured(database: str, lines: int) -> dict[str, Any]:
    with stand.folder() as place, stand.database(place, database) as url:
        command = [sys.executable, "-c", HERE, url, stand.new_key(), str(lines)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)  # noqa: S603  our own program
    if done.returncode:
        raise BenchmarkError(f"The reconciliation of {lines} lines failed; its complaint is above.")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _beside(name: str, value: float, aim: float, unit: str) -> str:
    missed = "" if value < aim else ", MISSED"
    return f"{name}: {value:.3g} {unit}   aim: under {aim:g} {unit}{missed}"

"""The emulator: how soon it answers, what a page costs, and whether many orders weigh on it."""

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

PRODUCTS: Final = 6000
ORDERS: Final = 100_000
PAGES: Final = 200
FEW: Final = 10_000
"""Written by a hundred requests: each of the server's threads has come to what it needs for itself then."""
_PARTS: Final = 100
_ORDERS_PAGE: Final = "/v1/orders?per_page=100&page={page}"
_BARE: Final = """
import sys, socket
from flask import Flask, Response
from waitress.server import create_server
body = sys.stdin.buffer.read()
app = Flask("bare")
app.add_url_rule("/<path:rest>", view_func=lambda rest: Response(body, mimetype="application/json"))
listener = socket.create_server(("127.0.0.1", 0))
print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
create_server(app, sockets=[listener], threads=32).run()
"""


def measure_emulator(orders: int = ORDERS) -> Iterator[str]:
    """Each figure as a line of text, with its baseline where there is one."""
    starts = [_seconds_to_start() for _ in range(5)]
    yield f"start with {PRODUCTS} products{'':<17} {statistics.median(starts):8.2f} s    (aim: under 2 s)"
    with _emulator() as (process, http):
        body = http.get("/v1/products?per_page=100").content
        ours = _milliseconds_a_page(process.pid, http)
        with _bare(body) as (bare_process, bare_http):
            bare = _milliseconds_a_page(bare_process.pid, bare_http)
        yield (
            f"CPU of a 100-product page of {PRODUCTS}{'':<10} {ours:8.2f} ms   {ours / bare:5.2f} × a bare Flask view "
            f"of the same {len(body) // 1024} KiB ({bare:.2f} ms)   (aim: under 5 ms)"
        )
        _seed(http, FEW)
        _milliseconds_a_page(process.pid, http, _ORDERS_PAGE)
        before = _megabytes(process.pid)
        began = time.perf_counter()
        _seed(http, orders - FEW)
        seconds = time.perf_counter() - began
        listed = _milliseconds_a_page(process.pid, http, _ORDERS_PAGE)
        after = _megabytes(process.pid)
        grown = f"{before:8.0f} MB → {after:.0f} MB, seeded in {seconds:.0f} s"
        yield f"memory with {FEW} orders and with {orders}{'':<7} {grown}"
        yield f"CPU of a page of 100 of {orders} orders{'':<8} {listed:8.2f} ms"


def _seed(http: httpx.Client, orders: int) -> None:
    for _ in range(_PARTS):
        http.post("/_emulator/seed", json={"orders": orders // _PARTS, "seed": 1, "days": 365}).raise_for_status()


def _seconds_to_start() -> float:
    began = time.perf_counter()
    with _emulator():
        return time.perf_counter() - began


@contextmanager
def _emulator() -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    serve = ("-c", "from goody_emulator.cli import main; main()", "serve", "--port", "0", "--products", str(PRODUCTS))
    with _running([sys.executable, *serve], None) as running:
        yield running


@contextmanager
def _bare(body: bytes) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    with _running([sys.executable, "-c", _BARE], body) as running:
        yield running


@contextmanager
def _running(command: list[str], sent: bytes | None) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  our own programs
    try:
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(sent or b"")
        process.stdin.close()
        found = re.search(rb"http://\S+", process.stdout.readline())
        assert found is not None  # noqa: S101
        headers = {"Authorization": "Bearer goody_token_commerce_bench"}
        with httpx.Client(base_url=found[0].decode(), headers=headers, timeout=120, trust_env=False) as http:
            yield process, http
    finally:
        process.terminate()
        process.wait()


def _milliseconds_a_page(pid: int, http: httpx.Client, path: str = "/v1/products?per_page=100&page={page}") -> float:
    for page in range(1, PRODUCTS // 100 + 1):
        http.get(path.format(page=page)).raise_for_status()
    before = _cpu_seconds(pid)
    for number in range(PAGES):
        http.get(path.format(page=number % (PRODUCTS // 100) + 1)).raise_for_status()
    return (_cpu_seconds(pid) - before) / PAGES * 1000


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0

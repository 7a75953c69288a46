"""`storefront demo`: one sale from browsing to delivery, and nothing left behind, however it ends."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from foundation.http import HttpClient
from tests.databases import open_databases

from .deployment import PROGRAMS, until

PATIENCE = 300
"""Seconds for what takes five on an idle machine: whether it ends is the question, not when."""

Start = Callable[..., "subprocess.Popen[str]"]
HOSTED = "Hosted browse checkout order gift opened accepted pay paid shipped delivered amounts events"
STORED = "Stored browse checkout capture order gift balance opened accepted shipped delivered amounts events balance"
STEPS = ["sync", *HOSTED.split(), *STORED.split(), "Two"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the demo with a folder for temporary files that is this test's, which tells its processes from others."""
    started: list[subprocess.Popen[str]] = []

    def run(*options: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(  # noqa: S603  our own program
            # Without Ctrl-C, as shells start what runs in the background: it stops at that nevertheless.
            ["/bin/sh", "-c", 'trap "" INT; exec "$@"', "sh", str(PROGRAMS / "storefront"), "demo", *options],
            env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()
    for left in processes_of(tmp_path):
        os.kill(left, signal.SIGKILL)


def processes_of(folder: Path) -> list[int]:
    """Processes that were given this folder for temporary files."""
    mark = f"TMPDIR={folder}\0".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in path.read_bytes() + b"\0":
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def assert_nothing_is_left(folder: Path) -> None:
    until(lambda: processes_of(folder) == [], 5)
    assert list(folder.iterdir()) == []


@pytest.fixture
def postgresql() -> Iterator[str]:
    """An empty database of the other kind; SQLite is what the demo uses by itself."""
    with open_databases("postgresql") as databases:
        yield databases.new()


def test_both_sales_as_one_json_object(start: Start, tmp_path: Path) -> None:
    process = start("--once", "--json")
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
    (line,) = out.splitlines()
    shown: dict[str, Any] = json.loads(line)
    assert list(shown) == ["ok", "products", "hosted_payment", "stored_value"]
    assert (shown["ok"], shown["products"]) == (True, 1203)  # with the gift collections that can be sent as a product
    assert_sold_by_hosted_payment(shown["hosted_payment"])
    assert_sold_by_stored_value(shown["stored_value"])
    assert_nothing_is_left(tmp_path)


def assert_sold_by_stored_value(sale: dict[str, Any]) -> None:
    cost = sale["amounts"]["amount_total"]
    assert (sale["charge"], sale["revenue_share"] > 0) == (-cost, True)
    assert sale["balance_after"] == sale["balance_before"] - cost + sale["revenue_share"]
    settlement = sale["settlement"]
    assert settlement["release"] == settlement["captured"] - settlement["final"] >= settlement["shortfall"] == 0
    assert settlement["final"] == cost
    assert "payment_link" not in sale
    assert sale["events"] == [
        "order_batch.submitted",
        "order.created",
        "order_batch.completed",
        "order.opened",
        "order.accepted",
        "order.paid",
        "order.shipped",
        "order.delivered",
    ]


def assert_sold_by_hosted_payment(sale: dict[str, Any]) -> None:
    assert sale["checkout_id"].startswith("chk_")
    assert sale["order_batch_id"].startswith("ob_")
    assert re.fullmatch(r"[0-9a-f-]{36}", sale["order_id"])
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/gift/\w+", sale["individual_gift_link"])
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/checkout\?key=\w+", sale["payment_link"])
    assert sale["statuses"] == ["created", "opened", "pending_payment", sale["statuses"][3], "shipped", "delivered"]
    assert sale["statuses"][3] in {"paid", "ordered"}
    assert sale["events"] == [
        "order_batch.submitted",
        "order.created",
        "order_batch.completed",
        "order.opened",
        "order.accepted",
        "order.payment_link_ready",
        "order.paid",
        "order.shipped",
        "order.delivered",
    ]
    amounts = sale["amounts"]
    parts = ("amount_product", "amount_shipping", "amount_processing_fee", "amount_tax")
    assert sum(amounts[part] for part in parts) == amounts["amount_total"] > 0
    assert set(sale["seconds"]) == {"complete", "opened", "payment_link", "paid", "shipped", "delivered", "total"}
    assert all(seconds > 0 for seconds in sale["seconds"].values())


def test_both_sales_told_step_by_step_on_postgresql(start: Start, tmp_path: Path, postgresql: str) -> None:
    process = start("--once", "--database-url", postgresql)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines() if line] == STEPS
    assert_nothing_is_left(tmp_path)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_waiting_demo_can_be_tried_and_stops_everything(
    start: Start, tmp_path: Path, free_port: Callable[[], int], ending: signal.Signals
) -> None:
    port = free_port()
    process = start("--port", str(port), "--emulator-port", str(free_port()))
    assert process.stdout is not None
    shown = ""
    while "Ctrl-C" not in shown:
        line = process.stdout.readline()
        assert line, process.communicate()
        shown += line
    key, url = re.search(r"curl -H 'Authorization: Bearer (\w+)' '(.*)'", shown).groups()  # type: ignore[union-attr]
    assert url.startswith(f"http://127.0.0.1:{port}/")
    with HttpClient(headers={"Authorization": f"Bearer {key}"}) as http:
        answer = http.get(url)
    assert len(json.loads(answer.body)["data"]) == 3

    began = time.monotonic()
    process.send_signal(ending)
    out, err = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - began < 10  # what has not stopped by then is killed
    assert (process.returncode, out, err) == (0, "", "\nStopped everything.\n")
    assert_nothing_is_left(tmp_path)


def test_a_terminal_closed_half_way_leaves_nothing_either(start: Start, tmp_path: Path) -> None:
    process = start("--once", "--json")
    until(lambda: list(tmp_path.glob("*/web.log")), PATIENCE)
    process.send_signal(signal.SIGHUP)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (1, "\nStopped everything.\n")
    assert json.loads(out)["ok"] is False
    assert_nothing_is_left(tmp_path)


@pytest.mark.parametrize(("option", "json_too"), [("--port", True), ("--emulator-port", False)])
def test_a_taken_port_is_one_clear_line(start: Start, tmp_path: Path, option: str, *, json_too: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = start("--once", *(["--json"] if json_too else []), option, port)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert err == f"storefront: Port {port} is taken. Choose another one, or leave it out to get a free one.\n"
    assert out == "" if not json_too else json.loads(out) == {"ok": False, "error": err[12:-1]}
    assert_nothing_is_left(tmp_path)


def test_one_port_for_both_is_refused(start: Start, free_port: Callable[[], int]) -> None:
    port = str(free_port())
    process = start("--once", "--port", port, "--emulator-port", port)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert f"Port {port} is asked for twice" in err


def test_a_program_that_dies_is_told_with_its_last_words(start: Start, tmp_path: Path) -> None:
    process = start("--once", "--json")
    (log,) = until(lambda: list(tmp_path.glob("*/worker.log")), PATIENCE)
    until(log.read_text)
    worker = next(each for each in processes_of(tmp_path) if "worker" in command_of(each))
    os.kill(worker, signal.SIGKILL)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert json.loads(out)["ok"] is False
    assert "The worker ended with exit code -9." in err
    assert "worker: " in err
    assert "Traceback" not in err
    assert_nothing_is_left(tmp_path)


def command_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


if sys.platform != "linux":
    pytest.skip("processes are found in /proc", allow_module_level=True)

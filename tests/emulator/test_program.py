"""The program itself: how it starts, what it keeps, how it ends."""

import resource
import signal
import socket
import sqlite3
import time
from pathlib import Path

import httpx
import pytest

from .partner import partner_of
from .program import announced, launch, running


def test_orders_survive_a_restart(tmp_path: Path) -> None:
    state = str(tmp_path / "state.db")
    with running("--state", state, "--products", "60") as url, partner_of(url, "key") as partner:
        batch = partner.place(recipients=[{"first_name": f"R{number}"} for number in range(11)])
        order_id = partner.place_one()
    with running("--state", state, "--products", "60") as url, partner_of(url, "key") as partner:
        assert partner.get(f"/v1/orders/{order_id}")["id"] == order_id
        path = f"/v1/order_batches/{batch['id']}"
        assert partner.until(path, lambda found: found["send_status"] == "complete")["orders_count"] == 11


def test_only_the_keys_named_are_let_in() -> None:
    with running("--products", "12", "--api-key", "one", "--api-key", "two") as url:
        for key, status in (("one", 200), ("two", 200), ("three", 401)):
            headers = {"Authorization": f"Bearer {key}"}
            assert httpx.get(f"{url}/v1/me", headers=headers, trust_env=False).status_code == status


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = launch("--port", str(port))
        output, complaint = process.communicate(timeout=120)
    assert (process.returncode, output) == (1, "")
    assert complaint == f"Error: cannot listen on 127.0.0.1 port {port}: Address already in use\n"


def test_two_emulators_never_share_a_port(emulator_url: str) -> None:
    process = launch("--port", emulator_url.rpartition(":")[2])
    _, complaint = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "Address already in use" in complaint


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7"])  # noqa: S104 - refused, that is the point
def test_an_address_others_can_reach_is_refused(host: str) -> None:
    process = launch("--host", host)
    _, complaint = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "--public" in complaint


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_and_soon(tmp_path: Path, end: signal.Signals) -> None:
    process = launch("--port", "0", "--products", "12", "--state", str(tmp_path / "state.db"))
    url = announced(process)
    with httpx.Client(trust_env=False) as open_connection:
        open_connection.get(f"{url}/_emulator/health")
        started = time.monotonic()
        process.send_signal(end)
        _, complaint = process.communicate(timeout=120)
        assert time.monotonic() - started < 20  # an open connection may stay for 120
    assert (process.returncode, complaint) == (0, "")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/_emulator/health", trust_env=False)


def test_a_catalog_of_usual_size_is_there_at_once() -> None:
    before = _time_of_children()
    with running():
        pass
    assert _time_of_children() - before < 4


def test_a_catalog_of_goodys_size_is_there_at_once() -> None:
    before = _time_of_children()
    with running("--products", "6000") as url:
        assert httpx.get(f"{url}/_emulator/health", trust_env=False).json()["products"] == 6000
    assert _time_of_children() - before < 5


def test_a_signal_ends_it_in_the_midst_of_a_request(tmp_path: Path) -> None:
    process = launch("--port", "0", "--products", "12", "--quiet", "--state", str(tmp_path / "state.db"))
    url = announced(process)
    rules = [{"kind": "delay", "path": "/v1/me", "seconds": 60}]
    httpx.post(f"{url}/_emulator/faults", json={"rules": rules}, trust_env=False).raise_for_status()
    headers = {"Authorization": "Bearer key"}
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{url}/v1/me", headers=headers, trust_env=False, timeout=0.5)
    started = time.monotonic()
    process.terminate()
    _, complaint = process.communicate(timeout=120)
    assert (process.returncode, complaint) == (0, "")
    assert time.monotonic() - started < 30  # the request takes 60


def test_the_start_tells_what_can_be_done() -> None:
    process = launch("--port", "0", "--products", "12")
    announced(process)
    process.terminate()
    assert process.stdout is not None
    hints = process.stdout.read()
    process.communicate(timeout=120)
    for hint in (
        "12 products, seed 7",
        "goody-emulator clock advance",
        "goody-emulator scenario list",
        "--webhook-url",
    ):
        assert hint in hints


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        (b"no database at all, but quite a long text, as it has to be", "cannot be used to keep the state in: "),
        (None, "is a database of another program. Name another file with --state."),
    ],
)
def test_a_file_of_another_program_is_left_alone(tmp_path: Path, written: bytes | None, complaint: str) -> None:
    state = tmp_path / "state.db"
    if written is None:
        with sqlite3.connect(state) as rows:
            rows.execute("CREATE TABLE users (id)")
    else:
        state.write_bytes(written)
    before = state.read_bytes()
    process = launch("--port", "0", "--products", "12", "--state", str(state))
    _, complained = process.communicate(timeout=120)
    assert process.returncode == 1
    assert complained.startswith(f"Error: {state} ")
    assert complaint in complained
    assert complained.count("\n") == 1
    assert state.read_bytes() == before


def _time_of_children() -> float:
    """Seconds of processor time, which unlike those of the clock do not tell how busy the machine is."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_worker_does_not_outlive_a_killed_program(tmp_path: Path) -> None:
    process = launch("--port", "0", "--products", "12", "--quiet", "--state", str(tmp_path / "state.db"))
    url = announced(process)
    process.kill()
    process.communicate(timeout=120)  # comes back once the worker has let go of the pipes
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/_emulator/health", trust_env=False)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--webhook-secret", "whsec_é"), "--webhook-secret: secret must be whsec_ followed by base64."),
        (("--state", "/no/such/folder/state.db"), "There is no folder /no/such/folder to keep state.db in."),
        (("--host", "no-such-host.invalid"), "no-such-host.invalid is not an address of this machine"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: tuple[str, ...], complaint: str) -> None:
    process = launch("--port", "0", *options)
    _, complained = process.communicate(timeout=120)
    assert process.returncode == 2
    assert complaint in complained

"""A whole deployment, by hand: an emulated Goody, a web process and a worker, each a process of its own."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from foundation.http import Answer, ExchangeError, HttpClient, TimeOuts
from foundation.ids import new_token
from tests.shop import ADDRESS, WEBHOOK_SECRET

PATIENCE: Final = 180.0
PROGRAMS: Final = Path(sys.executable).parent
SETTINGS: Final = {
    "SUBMISSION_LEASE_SECONDS": "5",
    "GOODY_CONNECT_SECONDS": "1",
    "GOODY_READ_SECONDS": "3",
    "SWEEP_INTERVAL_SECONDS": "0.3",
    "ACTIVITY_INTERVAL_SECONDS": "0.5",
    "LIMIT_SECRET_PER_MINUTE": "0",
    "ALLOW_LOCAL_ENDPOINTS": "true",
}
BATCHES: Final = "/v1/order_batches"

T = TypeVar("T")


def until(happened: Callable[[], T], seconds: float = PATIENCE) -> T:
    """What `happened` gives, once that is true."""
    deadline = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
    return found


def run_program(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> str:
    """Run one of our programs to its end; returns what it printed."""
    program = [str(PROGRAMS / command[0]), *command[1:]]
    done = subprocess.run(  # noqa: S603  our own program
        program, cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclass
class Program:
    """One of our programs, run in a process group of its own."""

    command: tuple[str, ...]
    folder: Path
    environ: Mapping[str, str]
    name: str = ""
    """What its log is called, where several run of one kind."""
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it; what it prints goes to a file."""
        with (self.folder / f"{self.name or '-'.join(self.command[:2])}.log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603  our own programs
                [str(PROGRAMS / self.command[0]), *self.command[1:]],
                cwd=self.folder,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def end(self, ending: signal.Signals = signal.SIGTERM) -> int:
        """End it, with all its own processes if it is killed; returns its exit code."""
        assert self.process is not None
        if ending is signal.SIGKILL:
            os.killpg(self.process.pid, ending)
        else:
            self.process.send_signal(ending)
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """Leave nothing of it."""
        if self.process is not None and self.process.poll() is None:
            self.end(signal.SIGKILL)


@dataclass
class Deployment:
    """The programs, and what is said to them over HTTP."""

    folder: Path
    goody_port: int
    web_port: int
    app: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STOREFRONT_")}
        given = {f"STOREFRONT_{name}": value for name, value in SETTINGS.items()}
        environ = {**kept, **given, "STOREFRONT_PUBLIC_URL": self.web_url}
        hook = ("--webhook-url", f"{self.web_url}/webhooks/goody/hand", "--webhook-secret", WEBHOOK_SECRET)
        state = ("--state", str(self.folder / "goody.db"))
        emulator = ("goody-emulator", "serve", "--port", str(self.goody_port), "--products", "60", "--quiet")
        self.environ = environ
        self.goody = Program((*emulator, *state, *hook), self.folder, environ)
        self.web = Program(("storefront", "serve", "--bind", f"127.0.0.1:{self.web_port}"), self.folder, environ)
        self.worker = Program(("storefront", "worker"), self.folder, environ)
        self._http = HttpClient(time_outs=TimeOuts(read=10))
        self._pool = ThreadPoolExecutor(4)

    @property
    def web_url(self) -> str:
        """Where the storefront is."""
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def goody_url(self) -> str:
        """Where Goody is."""
        return f"http://127.0.0.1:{self.goody_port}"

    def storefront(self, *arguments: str) -> str:
        """Run a command to its end; returns what it printed."""
        return run_program(("storefront", *arguments), self.folder, self.environ)

    def is_up(self, url: str) -> bool:
        """Whether somebody answers there."""
        try:
            return self._http.get(url).status == 200
        except ExchangeError:
            return False

    def start_goody(self) -> None:
        """Start it, and wait until it answers."""
        self.goody.start()
        until(lambda: self.is_up(f"{self.goody_url}/_emulator/health"))

    def start_web(self) -> None:
        """Start it, and wait until it is ready."""
        self.web.start()
        until(lambda: self.is_up(f"{self.web_url}/readyz"))

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Call the storefront with the secret key; returns status and what was answered."""
        answer = self.send(method, path, body, **headers)
        return answer.status, json.loads(answer.body) if answer.body else None

    def send(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """The same, with the answer as it came."""
        given = {"Authorization": f"Bearer {self.app['secret_key']}"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        with HttpClient(self.web_url, headers=given, time_outs=TimeOuts(read=10)) as http:
            return http.get(path) if method == "GET" else http.post(path, json.dumps(body or {}).encode())

    def ready_checkout(self) -> dict[str, Any]:
        """A checkout that can be completed."""
        status, listed = self.ask("GET", "/v1/products?limit=100")
        assert status == 200
        product = next(each for each in listed["data"] if not each["price_is_variable"])
        wish = {
            "from_name": "Ana",
            "items": [{"product_id": product["id"], "quantity": 1}],
            "recipients": [{"first_name": "Li", "last_name": "Wei"}],
        }
        status, checkout = self.ask("POST", "/v1/checkouts", wish)
        assert (status, checkout["status"]) == (201, "ready")
        made: dict[str, Any] = checkout
        return made

    def complete(self, checkout: Mapping[str, Any], key: str = "") -> tuple[int, Any]:
        """Complete it, under a new idempotency key unless one is given."""
        path = f"/v1/checkouts/{checkout['id']}/complete"
        return self.ask("POST", path, {"payment_mode": "hosted_payment"}, Idempotency_Key=key or new_token())

    def completing(self, checkout: Mapping[str, Any], key: str = "") -> "Future[tuple[int, Any]]":
        """The same, under way in a thread."""
        return self._pool.submit(self.complete, checkout, key)

    def batches(self, reference: str | None = None) -> list[dict[str, Any]]:
        """Goody's batches, of one reference or all."""
        found = json.loads(self._http.get(f"{self.goody_url}/_emulator/order_batches").body)["data"]
        return [each for each in found if reference in {None, each["customer_reference_id"]}]

    def deliveries(self) -> list[dict[str, Any]]:
        """Goody's webhooks."""
        found: list[dict[str, Any]] = json.loads(self._http.get(f"{self.goody_url}/_emulator/deliveries").body)["data"]
        return found

    def resend_what_failed(self) -> None:
        """Have Goody send once more, at once, what did not arrive: by itself it would after seconds, then minutes."""
        for each in self.deliveries():
            if each["status"] != "delivered":
                self._http.post(f"{self.goody_url}/_emulator/deliveries/{each['svix_id']}/resend", b"{}")

    def spoil(self, **rule: object) -> None:
        """Let Goody spoil the next batch that is sent."""
        rules = [{"method": "POST", "path": BATCHES, **rule}]
        self._http.post(f"{self.goody_url}/_emulator/faults", json.dumps({"rules": rules}).encode())

    def is_spoiling(self) -> bool:
        """Whether every fault asked for has begun."""
        return b'"rules":[]' in self._http.get(f"{self.goody_url}/_emulator/faults").body

    def step(self, order_id: str, step: str) -> None:
        """Let somebody take a step with an order at Goody."""
        body = {"mailing_address": ADDRESS} if step == "accept" else {}
        answer = self._http.post(f"{self.goody_url}/_emulator/orders/{order_id}/{step}", json.dumps(body).encode())
        assert answer.status == 200, answer.body

    def event_types(self, subject: str) -> list[str]:
        """What the partner's event log tells of an order or a batch."""
        status, found = self.ask("GET", "/v1/events?limit=100")
        assert status == 200
        return [event["type"] for event in found["data"] if event["data"].get("id") == subject]

    def let_idempotency_leases_run_out(self) -> None:
        """What half a minute does."""
        with closing(sqlite3.connect(self.folder / "storefront.db", timeout=20)) as connection, connection:
            connection.execute("UPDATE idempotency_keys SET lease_until = '2020-01-01 00:00:00.000000'")

    def close(self) -> None:
        """End whatever still runs."""
        for program in (self.worker, self.web, self.goody):
            program.kill()
        self._pool.shutdown()
        self._http.close()


@contextmanager
def deployed(folder: Path, goody_port: int, web_port: int, app: dict[str, str] | None = None) -> Iterator[Deployment]:
    """A deployment none of whose programs run yet; all are ended at the end."""
    deployment = Deployment(folder, goody_port, web_port, app or {})
    try:
        yield deployment
    finally:
        deployment.close()

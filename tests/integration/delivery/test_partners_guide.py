"""The guide for partners: its receiver runs as it stands there, and takes what is sent."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from foundation.http import ExchangeError, HttpClient
from storefront.delivery.endpoints import Wish
from tests.integration.delivery.world import World
from tests.patience import until

GUIDE = Path(__file__).parents[3] / "docs" / "partners.md"


@contextmanager
def receiver(folder: Path, port: int, secret: str) -> Iterator[IO[str]]:
    """The guide's receiver as a program of its own; what it prints."""
    (program,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    file = folder / "receiver.py"
    file.write_text(program)
    process = subprocess.Popen(  # noqa: S603  our own guide's
        [sys.executable, str(file), str(port)],
        env={**os.environ, "WEBHOOK_SECRET": secret},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        until(lambda: answers(port))
        yield process.stdout
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        process.stdout.close()


def answers(port: int) -> bool:
    try:
        with HttpClient(f"http://127.0.0.1:{port}") as http:
            return http.get("/", retry=False).status == 501
    except ExchangeError:
        return False


def test_the_receiver_of_the_guide_takes_each_event_once_and_refuses_forgeries(world: World, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    endpoints = world.services.webhook_endpoints
    endpoint, secret = endpoints.create(world.app_id, Wish(url=f"http://127.0.0.1:{port}/webhooks"))
    with receiver(tmp_path, port, secret) as printed:
        for subject in ("one", "two"):
            world.happen("order.payment_link_ready", subject, payment_link=f"https://pay.example/{subject}")
        world.deliver()
        first, _ = world.logged(endpoint)
        world.services.deliveries.redeliver(world.app_id, first[0].id)
        world.deliver()
        world.happen("order.payment_link_ready", "three", payment_link="https://pay.example/three")
        world.deliver()
        lines = [printed.readline().split() for _ in range(3)]
        assert sorted(lines[:2]) == [["pay", each, f"https://pay.example/{each}"] for each in ("one", "two")]
        assert lines[2] == ["pay", "three", "https://pay.example/three"], "what came again was handled once"
        with HttpClient(f"http://127.0.0.1:{port}") as http:
            assert http.post("/webhooks", b"{}", headers={"webhook-id": "x"}).status == 401
    assert world.statuses(endpoint) == ["delivered"] * 3

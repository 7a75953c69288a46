"""Bodies that do not arrive, over the real server: refused in time, and nobody else is kept waiting."""

import json
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from foundation.http import HttpClient, TimeOuts
from goody_emulator.money.statements import STORED_VALUE_HEADER
from storefront.gate.overdue import IS_POSSIBLE

from .deployment import Deployment

HEAD = (
    "POST /v1/checkouts HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer {}\r\n"
    "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
)
STATEMENT = ",".join(STORED_VALUE_HEADER) + "\n"


def send_slowly(deployment: Deployment, *, is_dripping: bool) -> tuple[float, bytes]:
    """How many seconds it took until the server had enough of it, and what it said."""
    began, answer = time.monotonic(), b""
    with socket.create_connection(("127.0.0.1", deployment.web_port)) as connection:
        connection.sendall(HEAD.format(deployment.app["secret_key"]).encode() + b"{")
        connection.settimeout(0.5)
        while time.monotonic() < began + 60:
            try:
                if is_dripping:
                    connection.sendall(b" ")
                part = connection.recv(10_000)
            except TimeoutError:
                continue
            except ConnectionError:
                part = b""
            if not part:
                return time.monotonic() - began, answer
            answer += part
    return time.monotonic() - began, b"it is still waiting"


@pytest.mark.skipif(not IS_POSSIBLE, reason="the system does not tell what a connection was sent")
def test_bodies_that_do_not_arrive_are_refused_and_others_are_served(deployment: Deployment) -> None:
    deployment.web.end(signal.SIGTERM)
    # Four more seconds are for the mebibyte that a body may have.
    deployment.environ["STOREFRONT_BODY_SECONDS"] = "1"
    deployment.start_web()
    with ThreadPoolExecutor(9) as pool:
        slow = [pool.submit(send_slowly, deployment, is_dripping=bool(number % 2)) for number in range(8)]
        time.sleep(1)
        assert deployment.ask("GET", "/v1/products")[0] == 200
        status, problem = deployment.ask("POST", "/v1/checkouts", {})
        assert (status, problem["code"]) == (503, "overloaded")
        for each in slow:
            seconds, answer = each.result()
            assert seconds < 30
            assert answer == b"" or b" 408 " in answer or b" 503 " in answer
        said = b"".join(each.result()[1] for each in slow)
    assert said.count(b" 408 ") == 4
    assert b"body_too_late" in said
    assert deployment.ask("POST", "/v1/checkouts", {})[0] == 422
    assert deployment.web.end(signal.SIGTERM) == 0


def test_a_statement_may_be_longer_than_other_bodies(deployment: Deployment) -> None:
    line = "2026-11-02T10:00:00Z,t-{},deposit,,,,,1.00,\n"
    content = STATEMENT + "".join(line.format(number) for number in range(25_000))
    assert len(content) > 1024 * 1024
    headers = {"Authorization": f"Bearer {deployment.app['secret_key']}", "Content-Type": "text/csv"}
    with HttpClient(deployment.web_url, headers=headers, time_outs=TimeOuts(read=60)) as http:
        answer = http.post("/v1/statements?dry_run=true", content.encode())
    assert (answer.status, json.loads(answer.body)["rows"]) == (200, 25_000)


@pytest.mark.parametrize("is_chunked", [False, True], ids=["announced", "chunked"])
def test_of_a_statement_that_breaks_off_nothing_is_imported(deployment: Deployment, *, is_chunked: bool) -> None:
    """Its last line could be one whose amount lacks its last digits."""
    whole = STATEMENT + "2026-11-02T10:00:00Z,t-1,deposit,,,,,1234.00,\n"
    length = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {len(whole)}"
    head = (
        "POST /v1/statements HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n"
        f"Authorization: Bearer {deployment.app['secret_key']}\r\nIdempotency-Key: broken-off-{is_chunked}\r\n"
        f"Content-Type: text/csv\r\n{length}\r\n\r\n"
    )
    part = whole[:-5]
    with socket.create_connection(("127.0.0.1", deployment.web_port), timeout=30) as connection:
        connection.sendall((head + (f"{len(part):x}\r\n{part}\r\n" if is_chunked else part)).encode())
        time.sleep(0.5)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(10_000)
    assert (b'"length_required"' if is_chunked else b'"body_too_late"') in answer, answer

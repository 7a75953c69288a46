"""What tests do to webhook endpoints, in the trade's words."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx

from .partner import Json, Partner, partner_of
from .receiver import Place

SECRET: Final = "whsec_" + "YW5vdGhlciBzZWNyZXQgb2YgdGhlIHRlc3Rz"
_PATIENCE: Final = 60


def add_endpoint(partner: Partner, place: Place, **more: Any) -> str:
    """Make an endpoint as the dashboard would, with a secret the tests know; returns its id."""
    answer = partner.http.post("/_emulator/webhooks", json={"url": place.url, "secret": SECRET, **more})
    assert answer.status_code == 201, answer.text
    endpoint_id: str = answer.json()["id"]
    return endpoint_id


def sent_to(partner: Partner, endpoint_id: str) -> list[Json]:
    """The log of what was sent to one endpoint."""
    found: list[Json] = partner.get("/_emulator/deliveries", endpoint_id=endpoint_id)["data"]
    return found


def until_sent(partner: Partner, endpoint_id: str, outcomes: list[tuple[str, int]]) -> list[Json]:
    """Wait for the statuses and the numbers of attempts of what goes to one endpoint, and return the log of it."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        log = sent_to(partner, endpoint_id)
        if [(each["status"], each["attempts"]) for each in log] == outcomes:
            return log
        assert time.monotonic() < deadline, log
        time.sleep(0.05)


def message_of(partner: Partner, svix_id: str) -> Json:
    return partner.get(f"/_emulator/deliveries/{svix_id}")


def problem_of(partner: Partner, method: str, path: str, body: Json | None = None) -> tuple[int, str]:
    """The status and the detail of a control request that is refused."""
    answer = partner.http.request(method, path, json=body)
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["detail"]


@contextmanager
def stopped_partner(base_url: str) -> Iterator[Partner]:
    """Yield a partner of an emulator that has forgotten all before, and whose clock stands still."""
    httpx.post(f"{base_url}/_emulator/reset", trust_env=False)
    with partner_of(base_url) as partner:
        assert partner.http.post("/_emulator/clock/freeze").json()["frozen"] is True
        yield partner


def advance(partner: Partner, seconds: float) -> None:
    """Move the clock on; all that comes due on the way has happened then."""
    answer = partner.http.post("/_emulator/clock/advance", json={"seconds": seconds})
    assert answer.json()["is_settled"] is True, answer.text

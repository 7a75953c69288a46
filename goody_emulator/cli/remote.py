"""Talks to a running emulator."""

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

import click
import httpx

USUAL_URL: Final = "http://127.0.0.1:8400"
_CONTROL: Final = "/_emulator/"
_PATIENCE: Final = 60
"""Seconds an emulator has to answer."""


Params = Mapping[str, object]


class Remote:
    """The control API of an emulator, for one app or for all; whatever goes wrong ends the command with one line."""

    def __init__(self, url: str, key: str | None, *, as_json: bool) -> None:
        self.url = url.rstrip("/")
        self.as_json = as_json
        """Whether answers are to be shown as they are."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            self._client = httpx.Client(headers=headers, timeout=_PATIENCE, trust_env=False)
        except UnicodeEncodeError as error:
            raise click.UsageError("--key can have ASCII characters only.") from error

    def __enter__(self) -> Self:
        """Keep the connection open."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Close the connection."""
        self._client.close()

    def get(self, path: str, params: Params | None = None) -> Any:  # noqa: ANN401 - JSON
        """Return what the control API shows under a path; parameters that are None are left out."""
        return _read(self._ask("GET", path, params=params), self.url)

    def send(self, method: str, path: str, body: object = None, patience: float = _PATIENCE) -> Any:  # noqa: ANN401
        """Send a request with a JSON body and return its answer, None when that is empty."""
        answer = self._ask(method, path, body=body, patience=patience)
        return _read(answer, self.url) if answer.content else None

    def fetch(self, path: str, params: Params | None = None) -> bytes:
        """Return a file."""
        return self._ask("GET", path, params=params).content

    def _ask(
        self,
        method: str,
        path: str,
        params: Params | None = None,
        body: object = None,
        patience: float = _PATIENCE,
    ) -> httpx.Response:
        content = None if body is None else json.dumps(body)
        asked = {name: str(value) for name, value in (params or {}).items() if value is not None}
        try:
            answer = self._client.request(
                method, f"{self.url}{_CONTROL}{path}", params=asked, content=content, timeout=patience
            )
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise click.UsageError(f"{self.url} is not the address of an emulator, such as {USUAL_URL}.") from error
        except httpx.ConnectError as error:
            raise click.ClickException(
                f"No emulator answers at {self.url}. Start one with `goody-emulator serve`, or name another with --url."
            ) from error
        except httpx.TimeoutException as error:
            raise click.ClickException(f"The emulator at {self.url} did not answer in {patience:g} seconds.") from error
        except httpx.HTTPError as error:
            raise click.ClickException(f"The emulator at {self.url} broke off: {error}") from error
        if not answer.is_success:
            raise click.ClickException(_complaint(answer, self.url))
        return answer


def _read(answer: httpx.Response, url: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return answer.json()
    except ValueError as error:
        raise click.ClickException(_foreign(answer, url)) from error


def _complaint(answer: httpx.Response, url: str) -> str:
    """Return what a problem document says, and which values are possible instead."""
    if answer.headers.get("content-type") != "application/problem+json":
        return _foreign(answer, url)
    problem = answer.json()
    allowed = problem.get("allowed")
    if isinstance(allowed, list):
        return f"{problem['detail']} Possible: {', '.join(map(str, allowed)) or 'nothing'}."
    return f"{problem['detail']}{f' ({allowed})' if allowed else ''}"


def _foreign(answer: httpx.Response, url: str) -> str:
    return f"{url} answered {answer.status_code} in a way no emulator does. Is another program there?"

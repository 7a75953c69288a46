"""The wire between a shop and its Goody, on which a test may look at what passes and step in."""

import threading
from collections.abc import Callable
from fnmatch import fnmatchcase

import httpx

StepIn = Callable[[httpx.Request], httpx.Response]


class Wire(httpx.BaseTransport):
    """Passes every request on to the real other side, unless a test steps in."""

    def __init__(self) -> None:
        self._through = httpx.HTTPTransport()
        self._lock = threading.Lock()
        self._rules: list[list[tuple[str, str, StepIn]]] = []
        self.watch: Callable[[httpx.Request], None] | None = None
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if self.watch is not None:
            self.watch(request)
        with self._lock:
            self.requests.append(request)
            answer = self._draw(request)
        return answer(request)

    def step_in(self, method: str, path: str, answer: StepIn, *, count: int = 1) -> None:
        """Answer the next so many requests that fit; `*` in a path stands for anything."""
        self._rules.append([(method, path, answer)] * count)

    def pass_on(self, request: httpx.Request) -> httpx.Response:
        """What the other side answers."""
        return self._through.handle_request(request)

    def lose_answer(self, request: httpx.Request) -> httpx.Response:
        """The other side acts, and its answer never arrives."""
        self.pass_on(request).read()
        raise httpx.ReadTimeout("lost on the way back", request=request)

    def lose_request(self, request: httpx.Request) -> httpx.Response:
        """The other side never hears of it, which nobody here can know."""
        raise httpx.ReadTimeout("lost on the way there", request=request)

    def sent_batches(self) -> list[bytes]:
        """The bodies of all attempts to make an order batch, oldest first."""
        return [each.content for each in self.requests if (each.method, each.url.path) == ("POST", "/v1/order_batches")]

    def close(self) -> None:
        self._through.close()

    def _draw(self, request: httpx.Request) -> StepIn:
        for rules in self._rules:
            if rules and rules[0][0] == request.method and fnmatchcase(request.url.path, rules[0][1]):
                return rules.pop()[2]
        return self.pass_on


def refusal(text: str = "Customer reference has already been taken", status: int = 400) -> StepIn:
    """A no in Goody's shape."""
    return lambda request: httpx.Response(status, json={"error": text}, request=request)


def empty_page(request: httpx.Request) -> httpx.Response:
    """A listing with nothing in it."""
    return httpx.Response(200, json={"data": [], "list_meta": {"total_count": 0}}, request=request)

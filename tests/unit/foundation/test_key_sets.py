"""Partners' key sets: kept, renewed, rotated, and gone on with while their server is away."""

import json
import threading
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from foundation.http import NotSentError
from foundation.key_sets import FAILED_SECONDS, FRESH_SECONDS, STALE_SECONDS, KeySets, KeysUnavailableError, read_set

URL = "https://partner.example/jwks.json"
PUBLIC: dict[str, Any] = json.loads(
    jwt.algorithms.RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 2048).public_key())
)


class Server:
    """A partner's key server, and a clock."""

    def __init__(self, *key_ids: str) -> None:
        self.key_ids = list(key_ids)
        self.is_down = False
        self.asked = 0
        self.now = 0.0
        self.sets = KeySets(self.fetch, lambda: self.now)

    def fetch(self, url: str) -> bytes:
        assert url == URL
        self.asked += 1
        if self.is_down:
            raise NotSentError("no connection")
        return json.dumps({"keys": [{**PUBLIC, "kid": key_id} for key_id in self.key_ids]}).encode()

    def has(self, key_id: object) -> bool:
        return self.sets.key(URL, key_id) is not None


def test_a_set_is_asked_for_once_and_renewed_when_it_is_old() -> None:
    server = Server("k1")
    assert [server.has("k1") for _ in range(5)] == [True] * 5
    assert server.asked == 1
    server.now += FRESH_SECONDS
    assert server.has("k1")
    assert server.asked == 2


def test_a_new_key_is_found_as_soon_as_a_token_names_it_and_an_old_one_ends() -> None:
    server = Server("k1")
    assert server.has("k1")
    server.now += 60
    server.key_ids = ["k2"]
    assert server.has("k2")
    assert not server.has("k1")
    assert server.asked == 2


def test_unknown_keys_make_us_ask_at_a_bounded_pace() -> None:
    server = Server("k1")
    server.has("k1")
    for second in range(300):
        server.now += 1
        assert not server.has(f"made up {second}")
    assert server.asked <= 11


def test_a_set_goes_on_while_its_server_is_away_for_a_day_at_most() -> None:
    server = Server("k1")
    assert server.has("k1")
    server.is_down = True
    server.now += FRESH_SECONDS + 1
    assert server.has("k1")
    assert not server.has("k2")
    asked = server.asked
    assert server.has("k1")
    assert server.asked == asked, "after a failure it is left alone for a while"
    server.now += FAILED_SECONDS
    assert server.has("k1")
    assert server.asked == asked + 1
    server.now += STALE_SECONDS
    with pytest.raises(KeysUnavailableError) as caught:
        server.has("k1")
    assert caught.value.retry_after == FAILED_SECONDS
    server.is_down = False
    server.now += FAILED_SECONDS
    assert server.has("k1")


def test_nonsense_does_not_replace_what_was_good() -> None:
    server = Server("k1")
    assert server.has("k1")
    server.now += FRESH_SECONDS
    for body in (b"", b"{}", b'{"keys": []}', b"[" * 100_000, b'{"keys": [{"kty": "oct", "k": "AA"}]}'):
        server.sets._fetch = lambda _url, body=body: body  # type: ignore[misc]  # noqa: SLF001  the server's answer
        assert server.has("k1"), body
        server.now += FAILED_SECONDS


def test_while_somebody_asks_the_others_go_on_with_what_is_known() -> None:
    server = Server("k1")
    assert server.has("k1")
    asking, may_answer = threading.Event(), threading.Event()

    def slow(_url: str) -> bytes:
        asking.set()
        assert may_answer.wait(10)
        return b"{}"

    server.sets._fetch = slow  # noqa: SLF001  the server's answer
    server.now += FRESH_SECONDS
    first = threading.Thread(target=server.has, args=("k1",))
    first.start()
    try:
        assert asking.wait(10)
        assert server.has("k1")
    finally:
        may_answer.set()
        first.join()


@pytest.mark.parametrize("key_id", [None, 7, ["k1"], {}, True])
def test_a_key_id_that_is_no_text_names_nothing(key_id: object) -> None:
    assert not Server("k1").has(key_id)


def test_only_strong_keys_for_signatures_are_taken() -> None:
    weak = rsa.generate_private_key(65537, 1024)  # noqa: S505  meant
    small = jwt.algorithms.RSAAlgorithm.to_jwk(weak.public_key())
    listed = [
        {**PUBLIC, "kid": "plain"},
        {**PUBLIC, "kid": "for signatures", "use": "sig"},
        {**PUBLIC, "kid": "for encryption", "use": "enc"},
        {**json.loads(small), "kid": "small"},
        {**PUBLIC},
        {**PUBLIC, "kid": 7},
        "nonsense",
    ]
    assert set(read_set(json.dumps({"keys": listed}).encode())) == {"plain", "for signatures"}

"""Customer tokens, and those that somebody else made."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from foundation.customer_tokens import (
    CustomerTokenError,
    CustomerTokens,
    TokenAlgorithm,
    TokenRules,
)
from foundation.key_sets import KeySets, KeysUnavailableError

SECRET = "s" * 64
RULES = TokenRules("app_1", TokenAlgorithm.HS256, "https://partner.example", secret=SECRET)


def claims(**changes: Any) -> dict[str, Any]:
    made = {
        "sub": "cust_7",
        "aud": "app_1",
        "iss": "https://partner.example",
        "exp": datetime.now(UTC) + timedelta(minutes=5),
    }
    return {name: value for name, value in {**made, **changes}.items() if value is not None}


def signed(payload: dict[str, Any], key: Any = SECRET, algorithm: str = "HS256", **headers: Any) -> str:
    return jwt.encode(payload, key, algorithm=algorithm, headers=headers or None)


def test_a_token_of_the_partners_backend_names_the_customer() -> None:
    assert CustomerTokens().customer(signed(claims()), RULES).customer_id == "cust_7"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "app_2"},
        {"aud": None},
        {"iss": "https://stranger.example"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": "a\x00b"},
        {"sub": "a\ud800b"},
        {"exp": None},
        {"exp": datetime.now(UTC) - timedelta(minutes=5)},
        {"exp": datetime.now(UTC) + timedelta(days=2)},
        {"nbf": datetime.now(UTC) + timedelta(days=1)},
    ],
)
def test_a_claim_that_is_missing_or_wrong_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(CustomerTokenError):
        CustomerTokens().customer(signed(claims(**changes)), RULES)


def test_another_secret_is_refused() -> None:
    with pytest.raises(CustomerTokenError):
        CustomerTokens().customer(signed(claims(), "t" * 64), RULES)


def test_an_unsigned_token_is_refused() -> None:
    with pytest.raises(CustomerTokenError):
        CustomerTokens().customer(jwt.encode(claims(), "", algorithm="none"), RULES)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "e30.e30.", "." * 5000])
def test_garbage_is_refused(token: str) -> None:
    with pytest.raises(CustomerTokenError):
        CustomerTokens().customer(token, RULES)


class KeyServer:
    """A partner's key set, counting how often it is fetched."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] = {}
        self.fetched = 0

    def add(self, kid: str, private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
        algorithm: Any = (
            jwt.algorithms.RSAAlgorithm if isinstance(private, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
        )
        self.keys[kid] = {**json.loads(algorithm.to_jwk(private.public_key())), "kid": kid}

    def fetch(self, _url: str) -> bytes:
        self.fetched += 1
        return json.dumps({"keys": list(self.keys.values())}).encode()


RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
MAKE: dict[TokenAlgorithm, Any] = {TokenAlgorithm.RS256: RSA_KEY, TokenAlgorithm.ES256: EC_KEY}


def by_key_set(algorithm: TokenAlgorithm) -> TokenRules:
    return TokenRules("app_1", algorithm, "https://partner.example", jwks_url="https://partner.example/jwks.json")


@pytest.mark.parametrize("algorithm", list(MAKE))
def test_a_key_of_the_key_set_is_taken_and_the_set_fetched_once(algorithm: TokenAlgorithm) -> None:
    server = KeyServer()
    server.add("k1", MAKE[algorithm])
    tokens = CustomerTokens(KeySets(server.fetch))
    for _ in range(3):
        assert (
            tokens.customer(signed(claims(), MAKE[algorithm], algorithm, kid="k1"), by_key_set(algorithm)).customer_id
            == "cust_7"
        )
    assert server.fetched == 1


def test_the_public_key_is_no_secret_for_another_algorithm() -> None:
    """The classic swap: HS256 with the public key as its secret."""
    server = KeyServer()
    server.add("k1", RSA_KEY)
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"k1"}').rstrip(b"=").decode()
    payload = signed(claims()).split(".")[1]
    with pytest.raises(CustomerTokenError):
        CustomerTokens(KeySets(server.fetch)).customer(f"{header}.{payload}.c2ln", by_key_set(TokenAlgorithm.RS256))


def test_a_key_of_another_kind_is_refused() -> None:
    server = KeyServer()
    server.add("k1", EC_KEY)
    header = base64.urlsafe_b64encode(b'{"alg":"RS256","kid":"k1"}').rstrip(b"=").decode()
    payload = signed(claims()).split(".")[1]
    with pytest.raises(CustomerTokenError):
        CustomerTokens(KeySets(server.fetch)).customer(f"{header}.{payload}.c2ln", by_key_set(TokenAlgorithm.RS256))


def test_a_key_server_that_fails_is_not_asked_at_every_request() -> None:
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return b"nonsense"

    tokens = CustomerTokens(KeySets(fetch))
    for _ in range(4):
        with pytest.raises(KeysUnavailableError):
            tokens.customer(signed(claims(), RSA_KEY, "RS256", kid="k1"), by_key_set(TokenAlgorithm.RS256))
    assert len(asked) == 1


def test_a_key_set_of_the_tokens_own_choosing_is_not_looked_at() -> None:
    server = KeyServer()
    server.add("k1", EC_KEY)
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return server.fetch(url)

    token = signed(claims(), RSA_KEY, "RS256", kid="k9", jku="https://stranger.example/jwks.json")
    with pytest.raises(CustomerTokenError):
        CustomerTokens(KeySets(fetch)).customer(token, by_key_set(TokenAlgorithm.RS256))
    assert set(asked) == {"https://partner.example/jwks.json"}


def test_unknown_keys_do_not_make_us_fetch_again_and_again() -> None:
    server = KeyServer()
    server.add("k1", RSA_KEY)
    tokens = CustomerTokens(KeySets(server.fetch))
    for _ in range(5):
        with pytest.raises(CustomerTokenError):
            tokens.customer(signed(claims(), RSA_KEY, "RS256", kid="other"), by_key_set(TokenAlgorithm.RS256))
    assert server.fetched == 1


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b'{"keys": 3}', b"{}"])
def test_a_key_set_that_cannot_be_read_is_told_as_such(body: bytes) -> None:
    token = signed(claims(), RSA_KEY, "RS256", kid="k1")
    with pytest.raises((KeysUnavailableError, CustomerTokenError)):
        CustomerTokens(KeySets(lambda _: body)).customer(token, by_key_set(TokenAlgorithm.RS256))


def test_the_secret_is_in_no_repr() -> None:
    assert SECRET not in repr(RULES)

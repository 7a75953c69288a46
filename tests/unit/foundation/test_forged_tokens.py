"""Customer tokens that somebody else made: attacks that are known by name."""

import base64
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from foundation.customer_tokens import CustomerTokenError, CustomerTokens, TokenAlgorithm
from foundation.key_sets import KeySets
from tests.unit.foundation.test_customer_tokens import (
    MAKE,
    RSA_KEY,
    RULES,
    SECRET,
    KeyServer,
    by_key_set,
    claims,
    signed,
)


def plain(part: object) -> str:
    """A part of a token, as it is written."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def stamped(moment: float) -> dict[str, Any]:
    return {**claims(), "exp": int(moment)}


def by_hand(header: dict[str, Any], signature: bytes = b"", payload: dict[str, Any] | None = None) -> str:
    """A token that no library would make."""
    body = payload or stamped(datetime.now(UTC).timestamp() + 300)
    return f"{plain(header)}.{plain(body)}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def public_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def hmac_signed(header: dict[str, Any], secret: bytes) -> str:
    unsigned = by_hand(header).rpartition(".")[0]
    digest = hmac.digest(secret, unsigned.encode(), "sha256")
    return f"{unsigned}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def forged() -> Iterator[tuple[str, TokenAlgorithm, str]]:
    """Attacks that are known by name, each against an app whose key set holds `k1`."""
    for spelling in ("none", "None", "NONE", "nOnE", ""):
        for algorithm in TokenAlgorithm:
            yield f"alg {spelling} for {algorithm}", algorithm, by_hand({"alg": spelling, "kid": "k1"})
    for algorithm, key in MAKE.items():
        pem = public_pem(key)
        jwk = json.loads(
            (jwt.algorithms.RSAAlgorithm if key is RSA_KEY else jwt.algorithms.ECAlgorithm).to_jwk(key.public_key())
        )
        for alg in ("HS256", "HS384", algorithm.value):
            yield f"{alg} with the public PEM for {algorithm}", algorithm, hmac_signed({"alg": alg, "kid": "k1"}, pem)
        yield (
            f"HS256 with the JWK for {algorithm}",
            algorithm,
            hmac_signed({"alg": "HS256", "kid": "k1"}, json.dumps(jwk).encode()),
        )
        stranger: Any = STRANGERS[algorithm]
        own = json.loads(
            (jwt.algorithms.RSAAlgorithm if key is RSA_KEY else jwt.algorithms.ECAlgorithm).to_jwk(
                stranger.public_key()
            )
        )
        for extra in (
            {"jwk": own},
            {"jku": "https://stranger.example/jwks.json"},
            {"x5u": "https://stranger.example/x.pem"},
            {"x5c": ["MIIB"]},
        ):
            token = signed(claims(), stranger, algorithm, kid="k1", **extra)
            yield f"{next(iter(extra))} of a stranger for {algorithm}", algorithm, token
        for kid in ("../../../dev/null", "k1' OR '1'='1", "", "k1\x00", "https://stranger.example/k1"):
            yield f"kid {kid!r} for {algorithm}", algorithm, signed(claims(), stranger, algorithm, kid=kid)
        yield f"no kid for {algorithm}", algorithm, signed(claims(), key, algorithm)
        odd_ids: tuple[object, ...] = (None, 7, ["k1"], {"k1": 1})
        for odd in odd_ids:
            yield f"kid {odd!r} for {algorithm}", algorithm, by_hand({"alg": algorithm, "kid": odd})
        yield (
            f"an unknown crit for {algorithm}",
            algorithm,
            signed(claims(), key, algorithm, kid="k1", crit=["exp"], exp=0),
        )
        other = TokenAlgorithm.ES256 if algorithm is TokenAlgorithm.RS256 else TokenAlgorithm.RS256
        yield f"{other} for {algorithm}", algorithm, signed(claims(), MAKE[other], other, kid="k1")
    yield "HS256 for an app of HS256 with an empty secret", TokenAlgorithm.HS256, hmac_signed({"alg": "HS256"}, b"")
    yield "RS256 for an app of HS256", TokenAlgorithm.HS256, signed(claims(), RSA_KEY, "RS256", kid="k1")
    yield "a signature of zeros", TokenAlgorithm.ES256, by_hand({"alg": "ES256", "kid": "k1"}, bytes(64))
    yield "no signature", TokenAlgorithm.ES256, by_hand({"alg": "ES256", "kid": "k1"})
    yield "brackets without end", TokenAlgorithm.RS256, _nested("[") + ".e30.c2ln"
    yield "objects without end", TokenAlgorithm.HS256, _nested('{"a":') + ".e30.c2ln"
    yield "a token without end", TokenAlgorithm.HS256, signed(claims(pad="x" * 10_000))


def _nested(opening: str) -> str:
    return base64.urlsafe_b64encode((opening * 5000)[:6000].encode()).rstrip(b"=").decode()


STRANGERS: dict[TokenAlgorithm, Any] = {
    TokenAlgorithm.RS256: rsa.generate_private_key(65537, 2048),
    TokenAlgorithm.ES256: ec.generate_private_key(ec.SECP256R1()),
}
FORGED = {name: (algorithm, token) for name, algorithm, token in forged()}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_refused(name: str) -> None:
    algorithm, token = FORGED[name]
    server = KeyServer()
    asked: list[str] = []
    if algorithm is not TokenAlgorithm.HS256:
        server.add("k1", MAKE[algorithm])

    def fetch(url: str) -> bytes:
        asked.append(url)
        return server.fetch(url)

    rules = RULES if algorithm is TokenAlgorithm.HS256 else by_key_set(algorithm)
    with pytest.raises(CustomerTokenError):
        CustomerTokens(KeySets(fetch)).customer(token, rules)
    assert set(asked) <= {"https://partner.example/jwks.json"}


@pytest.mark.parametrize("seconds", [3700, 86_400, 10**9, 10**15])
def test_a_token_that_lasts_for_years_is_refused_however_good(seconds: int) -> None:
    server = KeyServer()
    server.add("k1", RSA_KEY)
    payload = stamped(datetime.now(UTC).timestamp() + seconds)
    token = signed(payload, RSA_KEY, "RS256", kid="k1")
    with pytest.raises(CustomerTokenError):
        CustomerTokens(KeySets(server.fetch)).customer(token, by_key_set(TokenAlgorithm.RS256))
    with pytest.raises(CustomerTokenError):
        CustomerTokens().customer(signed(payload), RULES)


@pytest.mark.parametrize("exp", [1e400, float("nan"), "soon", True, [], {"a": 1}, -1, None])
def test_an_expiry_that_is_no_moment_is_refused(exp: object) -> None:
    with pytest.raises(CustomerTokenError):
        CustomerTokens().customer(hmac_payload({**stamped(0), "exp": exp}), RULES)


def hmac_payload(payload: dict[str, Any]) -> str:
    unsigned = by_hand({"alg": "HS256"}, payload=payload).rpartition(".")[0]
    digest = hmac.digest(SECRET.encode(), unsigned.encode(), "sha256")
    return f"{unsigned}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"

"""A partner's customers, and the tokens that its backend makes for them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from foundation.customer_tokens import TokenAlgorithm
from tests.shop import SLUG, Shop

ISSUER = "https://partner.example"
Mint = Callable[..., str]


def token_maker(shop: Shop, slug: str = SLUG) -> Mint:
    """Sets an app up for customer tokens (HS256) and makes them: `mint("cust_7", seconds=300, aud=…)`."""
    app, made = shop.services.app_settings.use_tokens(slug, TokenAlgorithm.HS256, ISSUER)
    secret = made or ""

    def mint(customer_id: str, *, seconds: float = 300, **changes: Any) -> str:
        expires = datetime.now(UTC) + timedelta(seconds=seconds)
        claims = {"sub": customer_id, "aud": app.id, "iss": ISSUER, "exp": expires, **changes}
        return jwt.encode(claims, secret, algorithm="HS256")

    return mint

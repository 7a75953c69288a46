"""A sample of what the API answers about the ledger, for the test of its description."""

from collections.abc import Iterator

from werkzeug.test import TestResponse

from tests.shop import Shop

TIERED = {"rate_bps": 1000, "tiers": [{"above": 100_000, "rate_bps": 1200}], "reason": "As agreed."}


def ledger_answers(shop: Shop) -> Iterator[tuple[str, str, TestResponse]]:
    """Every operation answered well, and refused."""
    terms, entries = "/v1/revenue_share/terms", "/v1/ledger/entries"
    yield "put", terms, shop.call("PUT", terms, TIERED)
    yield "put", terms, shop.call("PUT", terms, {**TIERED, "holds_from": "2020-01-01T00:00:00Z"})
    yield "put", terms, shop.call("PUT", terms, {"rate_bps": 1.0, "reason": "?"})
    yield "get", terms, shop.call("GET", terms)
    shop.hear("order.gift_accepted", shop.goody.step(shop.order()["id"], "accept"))
    shop.services.accountant.book_due()
    adjustments, deposit = "/v1/ledger/adjustments", {"kind": "deposit", "amount": 5000, "reason": "Wire of today"}
    yield "post", adjustments, shop.call("POST", adjustments, deposit)
    yield "post", adjustments, shop.call("POST", adjustments, {**deposit, "entry": 1})
    yield "get", entries, shop.call("GET", entries)
    yield "get", "/v1/ledger/balances", shop.call("GET", "/v1/ledger/balances")
    yield "get", "/v1/ledger/balances", shop.call("GET", "/v1/ledger/balances?at=2026-01-01T00:00:00Z")
    day, report = shop.clock().date(), "/v1/revenue_share/report"
    for group_by in ("brand", "product", "mode", "day"):
        yield "get", report, shop.call("GET", f"{report}?from={day}&to={day}&group_by={group_by}")
    yield "get", report, shop.call("GET", f"{report}?from={day}&to=2020-01-01")
    close = "/v1/periods/{period}/close"
    yield "post", close, shop.call("POST", close.replace("{period}", "2026-01"))
    yield "post", close, shop.call("POST", close.replace("{period}", "2026-01"))
    yield "post", close, shop.call("POST", close.replace("{period}", "soon"))
    yield "get", "/v1/periods", shop.call("GET", "/v1/periods")

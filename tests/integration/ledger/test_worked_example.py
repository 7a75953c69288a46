"""The example of docs/revenue-share.md, sold and booked: every figure of the page is what the ledger says."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from payments.ledger.periods import Period
from payments.revenue_share.closing import Closings
from payments.revenue_share.terms import Terms
from tests.integration.ledger.sales import Sales
from tests.integration.ledger.stage import Books

PAGE: Final = Path(__file__).parents[3] / "docs" / "revenue-share.md"
PRICES: Final = {"tea": ("tea", 1998), "pen": ("pens", 2500), "scarf": ("wool", 8000), "voucher": ("cards", 5000)}


def cents(text: str) -> int:
    """`-12.97` in cents."""
    assert re.fullmatch(r"-?\d+\.\d\d", text), text
    return int(text.replace(".", ""))


def rows(page: str, head: str) -> list[list[str]]:
    """The cells of a table's rows, which begins with this head."""
    lines = page[page.index(head) :].splitlines()[2:]
    table = lines[: next(at for at, line in enumerate(lines) if not line.startswith("|"))]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in table]


def test_the_page_says_what_the_ledger_says(books: Books) -> None:
    page = PAGE.read_text()
    sales = Sales(books)
    for name, (brand, price) in PRICES.items():
        assert f"{price // 100}.{price % 100:02}" in page
        sales.shelf.put(name, brand, price, is_excluded=name == "voucher")
    begins = Period.of(books.clock()).ends
    books.clock.advance(seconds=(begins - books.clock()).total_seconds() + 3600)
    sales.agree(Terms.read(json.loads(re.findall(r"```json\n(.*?)```", page, re.DOTALL)[0])))

    sold = {}
    for name, cart, products, shipping, tax, credit, charged, share in rows(page, "| order | cart |"):
        wanted = [(product, int(number)) for number, product in (part.split() for part in cart.split(", "))]
        order_id = sold[name] = sales.order(wanted)
        amounts = {"product": products, "shipping": shipping, "tax": tax, "credit_applied": credit}
        sales.accept(order_id, wanted, "paid", **{key: cents(text) for key, text in amounts.items()})
        sales.book()
        row = sales.share(order_id)
        assert row.charged == cents(charged), name
        assert sum(line["share"] for line in row.lines) == cents(share), name
    sales.refund(sold["A"])
    sales.book()
    sales.learn_refund(sold["A"], 1297)
    sales.book()
    assert sum(line["share"] for line in sales.share(sold["A"]).kept) == 375

    month = Period.of(books.clock())
    books.clock.advance(seconds=(month.ends - books.clock()).total_seconds() + 1)
    closings = Closings(books.sessions, books.ledger, sales.accountant, books.clock)
    closing = closings.close(books.app_id, month, "ana")
    assert [(each["volume"], each["added"]) for each in closing.report["tiers"]] == [(28_995, 225)]
    told = {account: cents(amount) for account, amount in rows(page, "| at the end of November |")}
    assert {name: amount for name, amount in closing.report["closing_balances"].items() if amount} == told
    assert books.balances(datetime(2000, 1, 1, tzinfo=UTC)) == {}

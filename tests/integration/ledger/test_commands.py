"""The books from the shell."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.cli.terminal import Terminal, complaint
from tests.shop import VAULT_KEY, Shop

TERMS = {"rate_bps": 1000, "reason": "As agreed.", "tiers": [{"above": 500000, "rate_bps": 1200}]}


@pytest.fixture
def terminal(shop: Shop, tmp_path: Path) -> Terminal:
    """A shell beside the shop."""
    url = shop.services.settings.database_url
    return Terminal(tmp_path, {"STOREFRONT_ENCRYPTION_KEYS": VAULT_KEY, "STOREFRONT_DATABASE_URL": url})


def test_a_sale_followed_from_the_shell(shop: Shop, terminal: Terminal) -> None:
    since = (shop.clock() - timedelta(days=1)).isoformat()
    (terminal.folder / "terms.json").write_text(json.dumps({**TERMS, "holds_from": since}))
    entered = terminal.run("terms", "set", "--app", "shop", "--by", "ana", "terms.json")
    assert (entered.code, entered.err) == (0, "")
    assert "10.00 % of products, 12.00 % above $5,000.00 a month" in entered.out
    assert json.loads(terminal.run("terms", "show", "--app", "shop", "--json").out)["terms"][0]["rate_bps"] == 1000

    order_id = shop.complete(shop.checkout(payment_mode="stored_value")).get_json()["orders"][0]["id"]
    shop.hear("order.gift_accepted", shop.goody.step(order_id, "accept"), svix_id="msg_of_acceptance")
    shop.services.activities.poll_due()
    shop.services.accountant.book_due()
    told = terminal.run("explain", order_id)
    assert told.code == 0, told.err
    assert "revenue share: accrued" in told.out
    assert "× 10.00 % = " in told.out
    assert "from webhook msg_of_acceptance, order.accepted received" in told.out.replace("gift_accepted", "accepted")
    as_json = json.loads(terminal.run("explain", order_id, "--app", "shop", "--json").out)
    assert as_json["webhooks"][0]["svix_id"] == "msg_of_acceptance"
    assert as_json["share"]["state"] == "accrued"

    [line] = as_json["share"]["lines"]
    assert f"product {line['product_name']} ({line['product_id']}) of brand {line['brand_name']} (" in told.out
    by_brand = terminal.run("report", "--app", "shop").out
    assert f"{line['brand_name']} ({line['brand_id']})" in by_brand

    table = terminal.run("report", "--app", "shop", "--group-by", "mode")
    assert (table.code, table.err) == (0, "")
    assert "stored_value" in table.out
    assert "= outstanding" in table.out
    by_mode = json.loads(terminal.run("report", "--app", "shop", "--group-by", "mode", "--json").out)
    assert by_mode["totals"]["earned"] == as_json["balances"]["share_receivable"]
    as_csv = terminal.run("report", "--app", "shop", "--csv").out
    assert as_csv.startswith("brand,orders,")

    assert terminal.run("ledger", "adjust", "--app", "shop", "--reason", "Wire", "deposit", "5000").code == 0
    balances = json.loads(terminal.run("ledger", "balances", "--app", "shop", "--json").out)
    assert balances["deposits"] == -5000
    assert "Stored value at Goody" in terminal.run("ledger", "balances", "--app", "shop").out
    assert terminal.run("ledger", "export", "--app", "shop", "journal.beancount").code == 0
    assert "Assets:Goody:StoredValue" in (terminal.folder / "journal.beancount").read_text()
    assert terminal.run("ledger", "export", "--app", "shop", "--format", "csv").out.startswith("number,booked_at,")


def test_what_is_pending_is_listed(shop: Shop, terminal: Terminal) -> None:
    assert terminal.run("ledger", "pending", "--app", "shop").out == "Every accepted order of shop has its share.\n"
    order_id = shop.order()["id"]
    shop.hear("order.gift_accepted", shop.goody.step(order_id, "accept"))
    shop.services.accountant.book_due()
    (line,) = terminal.run("ledger", "pending", "--app", "shop").out.splitlines()
    assert line.startswith(order_id)
    assert "waits for terms" in line


def test_months_from_the_shell(terminal: Terminal) -> None:
    closed = terminal.run("period", "close", "--app", "shop", "--by", "ana", "2026-01")
    assert json.loads(closed.out)["report"]["period"] == "2026-01"
    assert "closed already" in complaint(terminal.run("period", "close", "--app", "shop", "2026-01"))
    assert terminal.run("period", "reopen", "--app", "shop", "--by", "bo", "--reason", "Late.", "2026-01").code == 0
    first, second = terminal.run("period", "list", "--app", "shop").out.splitlines()
    assert first.startswith("2026-01  closed    ")
    assert second.endswith("bo  Late.")
    assert terminal.run("period", "reopen", "--app", "shop", "2026-01").code == 2


def test_what_is_wrong_is_one_line(terminal: Terminal) -> None:
    (terminal.folder / "terms.json").write_text(json.dumps({**TERMS, "rate_bps": 10.0}))
    assert "/rate_bps" in complaint(terminal.run("terms", "set", "--app", "shop", "terms.json"))
    (terminal.folder / "terms.json").write_text("{")
    assert "can't be read as JSON" in complaint(terminal.run("terms", "set", "--app", "shop", "terms.json"))
    assert "There is no order" in complaint(terminal.run("explain", "nothing"))
    assert terminal.run("report", "--app", "shop", "--from", "soon").code == 2

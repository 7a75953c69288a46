"""The demo: demo."""

import json
import time
from typing import NoReturn

import click

from foundation.logs import configure_logs
from storefront.demo.ending import Ending
from storefront.demo.processes import DemoError
from storefront.demo.sale import Sale, Say
from storefront.demo.stage import Stage, pick_ports, set_stage
from storefront.demo.walks import sell_by_hosted_payment, sell_by_stored_value


@click.command()
@click.option("--once", is_flag=True, help="Walk through one sale, then stop everything and exit.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else; goes with --once.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port of the storefront.  [default: 8000 or a free one]")
@click.option("--emulator-port", type=click.IntRange(1, 65_535), help="Port of Goody.  [default: 8400 or a free one]")
@click.option("--database-url", help="An empty PostgreSQL database.  [default: a SQLite file that is gone afterwards]")
def demo(*, once: bool, as_json: bool, port: int | None, emulator_port: int | None, database_url: str | None) -> None:
    """Sell gifts on this machine: an emulated Goody, a database, the web process and a worker."""
    if as_json and not once:
        raise click.UsageError("--json goes with --once.")
    configure_logs("console", "WARNING")
    ending = Ending()
    ending.listen()
    try:
        ports = pick_ports(port, emulator_port, is_brief=once)
        with set_stage(*ports, is_quiet=as_json, database_url=database_url) as stage:
            if once:
                _walk(stage, as_json=as_json)
            else:
                _stay(stage, ending)
    except DemoError as error:
        if as_json:
            click.echo(json.dumps({"ok": False, "error": error.detail}))
        raise
    except KeyboardInterrupt:
        if as_json:
            click.echo(json.dumps({"ok": False, "error": "It was stopped."}))
        click.echo("\nStopped everything.", err=True)
        raise SystemExit(1 if once else 0) from None


def _walk(stage: Stage, *, as_json: bool) -> None:
    def say(line: str) -> None:
        if not as_json:
            click.echo(line)

    products = stage.sync["published"]
    say(f"sync       {products} products in {stage.sync['pages']} pages from {stage.emulator_url}")
    say("\nHosted payment: the shopper pays on Goody's page.\n")
    hosted = sell_by_hosted_payment(_sale(stage, say))
    say("\nStored value: the partner charges its customer by itself.\n")
    stored = sell_by_stored_value(_sale(stage, say))
    say(f"\nTwo gifts sold, paid and delivered in {hosted['seconds']['total'] + stored['seconds']['total']:.1f} s.")
    if as_json:
        click.echo(json.dumps({"ok": True, "products": products, "hosted_payment": hosted, "stored_value": stored}))


def _stay(stage: Stage, ending: Ending) -> None:
    """Offer a gift to click through, and tell of every event until stopped."""
    app = stage.app
    sale = _sale(stage, lambda _: None)
    checkout = sale.check_out(stage.partner.shop, sale.browse(price_min="2500"))
    sale.complete(stage.partner.shopper(checkout["client_secret"]), checkout)
    click.echo(
        f"""
Everything runs. {stage.sync["published"]} products are on sale.

  storefront       {stage.url}        API documentation: {stage.url}/docs
  emulated Goody   {stage.emulator_url}
  publishable key  {app["publishable_key"]}
  secret key       {app["secret_key"]}

A gift has been ordered. Open it as its recipient would; what happens then is told below:

  {sale.result["individual_gift_link"]}

Or try the API:

  curl -H 'Authorization: Bearer {app["publishable_key"]}' '{stage.url}/v1/products?sort=price&limit=3'

The README walks through a sale in curl. Ctrl-C stops everything.
"""
    )
    _tell_events(stage, ending)


def _tell_events(stage: Stage, ending: Ending) -> NoReturn:
    seen = max((event["sequence"] for event in stage.partner.events()), default=0)
    while True:
        ending.check()
        stage.processes.check()
        for event in stage.partner.events(seen):
            seen = event["sequence"]
            link = event["data"].get("payment_link")
            click.echo(f"  event {seen:>3}  {event['type']}" + (f"  {link}" if link else ""))
        time.sleep(0.5)


def _sale(stage: Stage, say: Say) -> Sale:
    return Sale(stage.partner, stage.world, stage.processes, say)

"""The demo: demo."""

import json
import signal
from dataclasses import asdict
from types import FrameType
from typing import NoReturn

import click

from foundation.logs import configure_logs
from storefront.demo.processes import DemoError
from storefront.demo.stage import Stage, pick_ports, set_stage
from storefront.demo.walk import Walk


@click.command()
@click.option("--once", is_flag=True, help="Walk through one sale, then stop everything and exit.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else; goes with --once.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port of the storefront.  [default: 8000 or a free one]")
@click.option("--emulator-port", type=click.IntRange(1, 65_535), help="Port of Goody.  [default: 8400 or a free one]")
def demo(*, once: bool, as_json: bool, port: int | None, emulator_port: int | None) -> None:
    """Sell a gift on this machine: an emulated Goody, a database, the web process and a worker."""
    if as_json and not once:
        raise click.UsageError("--json goes with --once.")
    configure_logs("console", "WARNING")
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _stop)
    try:
        ports = pick_ports(port, emulator_port, is_brief=once)
        with set_stage(*ports, is_quiet=as_json) as stage:
            if once:
                _walk(stage, as_json=as_json)
            else:
                _stay(stage)
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

    say(f"sync       {stage.sync['published']} products in {stage.sync['pages']} pages from {stage.emulator_url}")
    sale = Walk(stage.partner, stage.world, stage.processes, say).sell()
    if as_json:
        click.echo(json.dumps({"ok": True, "products": stage.sync["published"], "hosted_payment": asdict(sale)}))
    else:
        click.echo(f"Sold, paid and delivered in {sale.seconds['total']:.1f} s.")


def _stay(stage: Stage) -> None:
    app = stage.app
    click.echo(
        f"""
Everything runs. {stage.sync["published"]} products are on sale.

  storefront       {stage.url}        API documentation: {stage.url}/docs
  emulated Goody   {stage.emulator_url}
  publishable key  {app["publishable_key"]}
  secret key       {app["secret_key"]}

Try it:

  curl -H 'Authorization: Bearer {app["publishable_key"]}' '{stage.url}/v1/products?sort=price&limit=3'

The README walks through a sale in curl. Ctrl-C stops everything.
""".rstrip()
    )
    stage.processes.watch()


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt

"""The command line: goody-emulator serve."""

import contextlib
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from goody_emulator.addresses import PortInUseError, bound, is_loopback, resolve
from goody_emulator.cli.sections import SectionedCommand
from goody_emulator.errors import RefusedError
from goody_emulator.money.terms import Base
from goody_emulator.quirks import Quirk
from goody_emulator.scenarios.reading import ScenarioError
from goody_emulator.settings import Settings
from goody_emulator.state.store import StateError
from goody_emulator.webhooks.endpoints import checked_url
from goody_emulator.webhooks.signing import checked_secret, new_secret

_HINTS: Final = """\
  catalog    {products} products, seed {seed}
  keys       {keys}
  webhooks   {webhooks}
  state      {state}
  pages      {base_url}/ lists orders with their gift and payment pages
  orders     goody-emulator orders; goody-emulator trigger ORDER_ID accept (pay, ship, deliver, ...)
  time       goody-emulator clock advance 3d
  scenarios  goody-emulator scenario list; from_name "[scenario:happy]" plays one
  faults     goody-emulator faults add lost_answer --path /v1/order_batches
  control    {base_url}/_emulator/ is the API behind these commands
"""
_SECTIONS: Final = {
    "Where it listens": ("host", "port", "public", "public_url"),
    "What it knows": ("products", "seed", "state", "scenarios"),
    "Money": ("balance", "revshare_bps", "revshare_base"),
    "Webhooks": ("webhook_url", "webhook_secret", "webhook_timeout"),
    "How it behaves": ("api_keys", "quirks"),
}


@click.command(cls=SectionedCommand, sections=_SECTIONS)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8400, show_default=True, type=click.IntRange(0, 65_535), help="0 picks a free one.")
@click.option("--public", is_flag=True, help="Allow an address that other machines can reach.")
@click.option("--public-url", help="What links begin with, when it is not the host a request names.")
@click.option("--products", default=1200, show_default=True, type=click.IntRange(1), help="Size of the catalog.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same catalog.")
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep all state in this file; in none when left out.",
)
@click.option(
    "--scenarios",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Know the scenarios of this folder's TOML files, too.",
)
@click.option("--balance", default=10_000_000, show_default=True, type=click.IntRange(0), help="Cents per app.")
@click.option(
    "--revshare-bps",
    default=1500,
    show_default=True,
    type=click.IntRange(0, 10_000),
    help="Revenue share, in hundredths of a percent of its base.",
)
@click.option(
    "--revshare-base",
    default=Base.PRODUCTS.value,
    show_default=True,
    type=click.Choice([base.value for base in Base]),
    help="What revenue share is computed on.",
)
@click.option("--webhook-url", help="Send every app's events here.")
@click.option("--webhook-secret", help="Sign them with this secret (whsec_…); made up when left out.")
@click.option(
    "--webhook-timeout",
    default=15.0,
    show_default=True,
    type=click.FloatRange(0.05, 60),
    help="Real seconds a receiver has to answer.",
)
@click.option("--api-key", "api_keys", multiple=True, help="Let in only this key; can be given more than once.")
@click.option(
    "--quirk",
    "quirks",
    multiple=True,
    type=click.Choice([quirk.value for quirk in Quirk]),
    metavar="NAME",
    help="Turn an assumption round.",
)
@click.option("--quiet", "-q", is_flag=True, help="Print the address only.")
def serve(  # noqa: PLR0913 - one parameter per option
    *,
    host: str,
    port: int,
    public: bool,
    public_url: str | None,
    products: int,
    seed: int,
    state: Path | None,
    scenarios: Path | None,
    balance: int,
    revshare_bps: int,
    revshare_base: str,
    webhook_url: str | None,
    webhook_secret: str | None,
    webhook_timeout: float,
    api_keys: tuple[str, ...],
    quirks: tuple[str, ...],
    quiet: bool,
) -> None:
    """Serve the emulated API until a signal ends it.

    Give a client the address it prints instead of Goody's, and any key: each key is an app of its own.
    """
    address = _checked_address(host, public=public)
    _check_webhooks(webhook_url, webhook_secret)
    if state is not None and not state.absolute().parent.is_dir():
        raise click.UsageError(f"There is no folder {state.parent} to keep {state.name} in.")
    with _complaining(), bound(address, port) as listener, _state_file(state) as state_file:
        number = listener.getsockname()[1]
        shown_host = f"[{address}]" if ":" in address else address
        listening = f"http://{shown_host}:{number}"
        settings = Settings(
            base_url=public_url or listening,
            state=str(state_file),
            public_url=public_url,
            products=products,
            seed=seed,
            balance=balance,
            revshare_bps=revshare_bps,
            revshare_base=revshare_base,
            webhook_url=webhook_url,
            webhook_secret=webhook_secret or new_secret(),
            webhook_timeout=webhook_timeout,
            scenarios=None if scenarios is None else str(scenarios),
            api_keys=api_keys,
            quirks=quirks,
        )
        hints = "" if quiet else _hints(settings, listening, state, webhook_secret)
        _run(settings, listener, f"goody-emulator listening on {listening}\n{hints}")


def _run(settings: Settings, listener: socket.socket, announcement: str) -> None:
    from goody_emulator.server import serve as run  # noqa: PLC0415 - so that --help and a wrong option are quick

    run(settings, listener, announcement)


def _checked_address(host: str, *, public: bool) -> str:
    try:
        address = resolve(host)
    except OSError as error:
        raise click.UsageError(f"{host} is not an address of this machine: {error.strerror}") from error
    if not public and not is_loopback(address):
        raise click.UsageError(f"{host} can be reached from other machines; add --public if that is meant.")
    return address


def _check_webhooks(url: str | None, secret: str | None) -> None:
    for option, value, checked in (("url", url, checked_url), ("secret", secret, checked_secret)):
        try:
            checked(value or "") if value is not None else None
        except RefusedError as error:
            raise click.UsageError(f"--webhook-{option}: {error}") from error


@contextlib.contextmanager
def _complaining() -> Iterator[None]:
    try:
        yield
    except (PortInUseError, ScenarioError, StateError) as error:
        raise click.ClickException(str(error)) from error


@contextlib.contextmanager
def _state_file(state: Path | None) -> Iterator[Path]:
    if state is not None:
        yield state
        return
    with tempfile.TemporaryDirectory(prefix="goody-emulator-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "state.db"


def _hints(settings: Settings, listening: str, state: Path | None, webhook_secret: str | None) -> str:
    webhooks = "none (--webhook-url, POST /v1/webhooks, or goody-emulator webhooks add)"
    if settings.webhook_url is not None:
        signed = "" if webhook_secret else f", signed with {settings.webhook_secret}"
        webhooks = f"to {settings.webhook_url}{signed}"
    return _HINTS.format(
        products=settings.products,
        seed=settings.seed,
        keys=f"{len(settings.api_keys)} let in" if settings.api_keys else "any bearer key, each an app of its own",
        webhooks=webhooks,
        state="forgotten at the end (--state)" if state is None else f"kept in {state}",
        base_url=listening,
    )

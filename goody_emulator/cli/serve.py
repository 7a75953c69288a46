"""The command line: goody-emulator serve."""

import base64
import contextlib
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
from svix.webhooks import Webhook

from goody_emulator.addresses import PortInUseError, bound, is_loopback, resolve
from goody_emulator.quirks import Quirk
from goody_emulator.server import serve as run
from goody_emulator.settings import Settings
from goody_emulator.state.store import StateError

_HINTS: Final = """\
  catalog   {products} products, seed {seed}
  keys      {keys}
  webhooks  {webhooks}
  pages     {base_url}/ lists orders with their gift and payment pages
  control   {base_url}/_emulator/health, .../orders/<id>/open, accept, pay, ship, deliver
"""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8400, show_default=True, type=click.IntRange(0, 65_535), help="0 picks a free one.")
@click.option("--public", is_flag=True, help="Allow an address that other machines can reach.")
@click.option("--public-url", help="What links begin with, when it is not the host a request names.")
@click.option("--products", default=1200, show_default=True, type=click.IntRange(1), help="Size of the catalog.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same catalog.")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="Keep orders in this file.")
@click.option("--balance", default=10_000_000, show_default=True, type=click.IntRange(0), help="Cents per app.")
@click.option(
    "--revshare-bps",
    default=1500,
    show_default=True,
    type=click.IntRange(0, 10_000),
    help="The app's share of products, in hundredths of a percent, credited to its stored value.",
)
@click.option("--webhook-url", help="Send every app's events here.")
@click.option("--webhook-secret", help="Sign them with this secret (whsec_…); made up when left out.")
@click.option("--api-key", "api_keys", multiple=True, help="Let in only this key; can be given more than once.")
@click.option(
    "--quirk", "quirks", multiple=True, type=click.Choice(list(Quirk)), metavar="NAME", help="Turn an assumption round."
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
    balance: int,
    revshare_bps: int,
    webhook_url: str | None,
    webhook_secret: str | None,
    api_keys: tuple[str, ...],
    quirks: tuple[str, ...],
    quiet: bool,
) -> None:
    """Serve the emulated API until a signal ends it."""
    address = _checked_address(host, public=public)
    _check_secret(webhook_secret)
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
            webhook_url=webhook_url,
            webhook_secret=webhook_secret or _new_secret(),
            api_keys=api_keys,
            quirks=quirks,
        )
        hints = "" if quiet else _hints(settings, listening, webhook_secret)
        run(settings, listener, f"goody-emulator listening on {listening}\n{hints}")


def _checked_address(host: str, *, public: bool) -> str:
    try:
        address = resolve(host)
    except OSError as error:
        raise click.UsageError(f"{host} is not an address of this machine: {error.strerror}") from error
    if not public and not is_loopback(address):
        raise click.UsageError(f"{host} can be reached from other machines; add --public if that is meant.")
    return address


def _check_secret(secret: str | None) -> None:
    try:
        Webhook(secret or _new_secret())
    except (RuntimeError, ValueError) as error:
        raise click.UsageError("--webhook-secret is whsec_ followed by base64.") from error


@contextlib.contextmanager
def _complaining() -> Iterator[None]:
    try:
        yield
    except (PortInUseError, StateError) as error:
        raise click.ClickException(str(error)) from error


@contextlib.contextmanager
def _state_file(state: Path | None) -> Iterator[Path]:
    if state is not None:
        yield state
        return
    with tempfile.TemporaryDirectory(prefix="goody-emulator-") as folder:
        yield Path(folder) / "state.db"


def _new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"


def _hints(settings: Settings, listening: str, webhook_secret: str | None) -> str:
    webhooks = "none (--webhook-url)"
    if settings.webhook_url is not None:
        signed = "" if webhook_secret else f", signed with {settings.webhook_secret}"
        webhooks = f"to {settings.webhook_url}{signed}"
    return _HINTS.format(
        products=settings.products,
        seed=settings.seed,
        keys=f"{len(settings.api_keys)} let in" if settings.api_keys else "any bearer key, each an app of its own",
        webhooks=webhooks,
        base_url=listening,
    )

"""Setting up and running: init, serve, worker."""

import click

from foundation.addresses import split_address
from foundation.settings import key_file, load_settings
from storefront.cli.session import open_logs, open_services
from storefront.migrating import migrate
from storefront.server import serve as serve_forever
from storefront.services import build_services
from storefront.worker import work


@click.command()
def init() -> None:
    """Create or migrate the database; on SQLite also write a key file if no key is set."""
    settings = load_settings(make_key=True)
    open_logs(settings)
    services = build_services(settings)
    try:
        migrate(services.sessions)
    finally:
        services.close()
    click.echo(f"The database {settings.shown_database_url} is ready.")
    file = key_file(settings.database_url)
    if file is not None and file.is_file():
        click.echo(f"Its encryption key is in {file}: keep it as safe as the database, and back it up elsewhere.")


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="HOST:PORT to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
def serve(bind: str, workers: int) -> None:
    """Run the web process."""
    try:
        host, port = split_address(bind)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--bind") from error
    with open_services(is_daemon=True) as services:
        settings = services.settings
    serve_forever(settings, host, port, workers)


@click.command()
def worker() -> None:
    """Run the job process: catalog sync, submissions, webhooks, activities."""
    with open_services(is_daemon=True) as services:
        work(services)

"""The catalog: sync."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

import click

from catalog_sync.runs import RunStatus, SyncRun
from foundation.apps import PartnerApp
from foundation.errors import ConflictError, StorefrontError
from storefront.cli.session import open_services
from storefront.services import Services


@click.command()
@click.option("--app", "slug", default=None, help="One app only; all of them otherwise.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON on a terminal too.")
def sync(slug: str | None, *, as_json: bool) -> None:
    """Crawl Goody's catalog and publish it; a progress bar on a terminal, one JSON line per app otherwise."""
    with open_services() as services:
        apps = services.apps.all() if slug is None else [services.apps.by_slug(slug)]
        if not apps:
            raise StorefrontError("There is no app yet. `storefront app create` makes one.")
        as_json = as_json or not sys.stdout.isatty()
        failures = [failure for app in apps if (failure := _sync(services, app, as_json=as_json)) is not None]
    if failures:
        raise StorefrontError(f"Not synchronised: {' '.join(failures)}")


def _sync(services: Services, app: PartnerApp, *, as_json: bool) -> str | None:
    """Synchronise one app and show what came of it; why it failed, if it did: the others still get their turn."""
    with _bar(app.slug) if sys.stderr.isatty() else _silence() as progress:
        try:
            run = services.catalog_sync.run(app.id, progress)
        except ConflictError as error:
            return f"{app.slug}: {error.detail}"
    _show(app, run, as_json=as_json)
    return f"{app.slug}: {run.error}" if run.status is RunStatus.FAILED else None


def _show(app: PartnerApp, run: SyncRun, *, as_json: bool) -> None:
    if as_json:
        shown = {"run_id": run.id, "app": app.slug, "status": run.status, **asdict(run.counts), "error": run.error}
        click.echo(json.dumps(shown))
    elif run.status is not RunStatus.FAILED:
        counts = run.counts
        click.echo(
            f"{app.slug}: {run.status}. {counts.published} products on sale; {counts.created} new, "
            f"{counts.changed} changed, {counts.retired} retired, {counts.broken} unreadable."
            + (f" {run.error}" if run.error else "")
        )


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], None]]:
    with click.progressbar(length=1, label=f"Pages of {label}", file=sys.stderr) as bar:

        def progress(done: int, expected: int) -> None:
            bar.length = max(expected, 1)
            bar.update(done - bar.pos)

        yield progress


@contextmanager
def _silence() -> Iterator[None]:
    yield None

"""The catalog: sync."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Final

import click

from catalog_sync.crawling.crawl import Progress
from catalog_sync.runs import RunStatus, SyncRun
from foundation.apps import PartnerApp
from foundation.errors import ConflictError, StorefrontError
from storefront.cli.session import open_services
from storefront.services import Services

SHOWN: Final = 10
"""Changes named on a terminal; all of them are in the run's record."""


@click.command()
@click.option("--app", "slug", default=None, help="One app only; all of them otherwise.")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--approve", "is_approval", is_flag=True, help="Publish what the quarantined run found.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON on a terminal too.")
def sync(slug: str | None, *, is_dry_run: bool, is_approval: bool, as_json: bool) -> None:
    """Crawl Goody's catalog and publish it; a progress bar on a terminal, one JSON line per app otherwise.

    A run that would change more than the settings allow is quarantined: nothing of it is published until --approve.
    """
    if is_dry_run and is_approval:
        raise click.UsageError("--dry-run and --approve exclude each other.")
    with open_services() as services:
        apps = services.apps.all() if slug is None else [services.apps.by_slug(slug)]
        if not apps:
            raise StorefrontError("There is no app yet. `storefront app create` makes one.")
        if is_approval:
            apps = _waiting(services, apps)
        shell = _Shell(services, as_json=as_json or not sys.stdout.isatty(), is_dry_run=is_dry_run)
        work = shell.approve if is_approval else shell.sync
        failures = [failure for app in apps if (failure := work(app)) is not None]
    if failures:
        raise StorefrontError(f"Not synchronised: {' '.join(failures)}")


def _waiting(services: Services, apps: list[PartnerApp]) -> list[PartnerApp]:
    found = [app for app in apps if services.catalog_sync.waiting(app.id) is not None]
    if not found:
        named = ", ".join(app.slug for app in apps)
        raise StorefrontError(f"Nothing waits to be approved: no run of {named} is quarantined.")
    return found


class _Shell:
    """Works on one app after the other, and shows what came of it."""

    def __init__(self, services: Services, *, as_json: bool, is_dry_run: bool) -> None:
        self._services = services
        self._as_json = as_json
        self._is_dry_run = is_dry_run

    def sync(self, app: PartnerApp) -> str | None:
        """Synchronise one app; why it failed, if it did: the others still get their turn."""
        return self._do(app, lambda: self._run(app))

    def approve(self, app: PartnerApp) -> str | None:
        """Publish what the app's quarantined run found; why that failed, if it did."""
        run = self._services.catalog_sync.waiting(app.id)
        if run is None:
            return f"{app.slug}: its run was approved or superseded meanwhile."
        return self._do(app, lambda: self._services.catalog_sync.approve(app.id, run.id, by="command"))

    def _run(self, app: PartnerApp) -> SyncRun:
        with _bar(app.slug) if sys.stderr.isatty() else _silence() as progress:
            return self._services.catalog_sync.run(app.id, progress, is_dry_run=self._is_dry_run)

    def _do(self, app: PartnerApp, work: Callable[[], SyncRun]) -> str | None:
        try:
            run = work()
        except ConflictError as error:
            return f"{app.slug}: {error.detail}"
        self._show(app, run)
        if run.status is RunStatus.QUARANTINED:
            return f"{app.slug}: {_reasons(run)} {_remedy(app, run)}"
        return f"{app.slug}: {run.error}" if run.status is RunStatus.FAILED else None

    def _show(self, app: PartnerApp, run: SyncRun) -> None:
        if self._as_json:
            counts = asdict(run.counts)
            shown = {"run_id": run.id, "app": app.slug, "status": run.status, "is_dry_run": run.is_dry_run, **counts}
            brakes = [asdict(brake) for brake in run.brakes]
            click.echo(json.dumps({**shown, "brakes": brakes, "error": run.error}))
        elif run.status is not RunStatus.FAILED:
            click.echo(_sentence(app, run))
            if run.is_dry_run or run.status is RunStatus.QUARANTINED:
                self._show_changes(app, run)

    def _show_changes(self, app: PartnerApp, run: SyncRun) -> None:
        found = self._services.catalog_sync.changes(app.id, run.id, limit=SHOWN)
        for change in found.changes:
            name = f" {change.name!r}" if change.name else ""
            click.echo(f"  {change.change} {change.kind} {change.item_id}{name}{_fields(change.fields)}")
        if found.next_after is not None:
            click.echo(f"  … and more: GET /v1/sync_runs/{run.id} has all of them.")
        if run.is_dry_run and run.brakes:
            click.echo(f"  A run would be quarantined: {_reasons(run)}")


def _sentence(app: PartnerApp, run: SyncRun) -> str:
    counts = run.counts
    outcome = "dry run, nothing was changed" if run.is_dry_run else run.status
    return (
        f"{app.slug}: {outcome}. {counts.published} products on sale; {counts.created} new, {counts.changed} changed, "
        f"{counts.returned} back, {counts.retired} retired, {counts.broken} unreadable."
        + (f" {run.error}" if run.error else "")
    )


def _fields(fields: dict[str, object]) -> str:
    """The fields that differ, each with before and after."""
    parts = []
    for name, value in list(fields.items())[:SHOWN]:
        if isinstance(value, list):
            before, after = (_brief(part) for part in value)
            parts.append(f"{name} {before} → {after}")
        else:
            parts.append(f"{name} {_brief(value)}")
    return f": {'; '.join(parts)}" if parts else ""


def _brief(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:40]}…"  # noqa: PLR2004  fits a line


def _reasons(run: SyncRun) -> str:
    return " ".join(brake.detail for brake in run.brakes)


def _remedy(app: PartnerApp, run: SyncRun) -> str:
    return (
        f"Nothing was published. See what run {run.id} found (`GET /v1/sync_runs/{run.id}`); if it is right, "
        f"`storefront sync --app {app.slug} --approve` publishes it."
    )


@contextmanager
def _bar(label: str) -> Iterator[Progress | None]:
    with click.progressbar(length=1, label=f"Pages of {label}", file=sys.stderr) as bar:

        def progress(done: int, expected: int) -> None:
            bar.length = max(expected, 1)
            bar.update(done - bar.pos)

        yield progress


@contextmanager
def _silence() -> Iterator[Progress | None]:
    yield None

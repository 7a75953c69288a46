"""Curation from the shell: curation export, import, starter, preview, publish, versions, restore."""

import json
import sys
from collections.abc import Callable
from typing import IO, Any, Final, TypeVar

import click

from catalog_sync.curation.reading import read_file, write_file
from catalog_sync.curation.starter import starter
from catalog_sync.curation.versions import LONGEST_NOTE
from foundation.apps import PartnerApp
from foundation.errors import Fault, InvalidInputError, StorefrontError
from storefront.cli.curation_report import describe_preview
from storefront.cli.session import open_services
from storefront.curation_presenters import present_preview, present_published, present_version
from storefront.services import Services

OPERATOR: Final = "operator"
"""Who publishes from the command line, as versions tell."""

Command = TypeVar("Command", bound=Callable[..., Any])


class CurationRefusedError(StorefrontError):
    """A file can't be used. Each fault has stood on stderr by then."""


def _of_app(command: Command) -> Command:
    return click.option("--app", "slug", required=True, metavar="SLUG", help="Whose curation.")(command)


def _as_json(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")(command)


@click.group()
def curation() -> None:
    """What is on sale, in which collections, in whose words. docs/curation.md teaches the language."""


@curation.command("export")
@_of_app
@click.argument("file", type=click.File("w", encoding="utf-8", lazy=True), default="-")
def export_curation(slug: str, file: IO[str]) -> None:
    """Write the draft, overrides included, to FILE (- is stdout)."""
    with open_services() as services:
        document = write_file(services.curation.drafts.whole(_app(services, slug).id))
    file.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


@curation.command("import")
@_of_app
@_as_json
@click.argument("file", type=click.File("r", encoding="utf-8"))
def import_curation(slug: str, file: IO[str], *, as_json: bool) -> None:
    """Read the draft from FILE (- is stdin). A file without overrides leaves those that exist alone."""
    read, has_overrides = _read(file)
    with open_services() as services:
        draft = services.curation.drafts.load(_app(services, slug).id, read, with_overrides=has_overrides)
    shown = {
        "revision": draft.revision,
        "rules": len(read.rules),
        "collections": len(read.collections),
        "overrides": draft.overrides,
    }
    _show(
        shown,
        f"{slug}: the draft has {shown['rules']} rules, {shown['collections']} collections and "
        f"{shown['overrides']} overrides now. `storefront curation preview` shows what it would change.",
        as_json=as_json,
    )


@curation.command("starter")
@_of_app
@_as_json
@click.option("--replace", is_flag=True, help="Also if the draft has rules or collections.")
def load_starter(slug: str, *, as_json: bool, replace: bool) -> None:
    """Put the starter set for a general gift shop in the draft's place; overrides stay."""
    with open_services() as services:
        app_id = _app(services, slug).id
        before = services.curation.drafts.get(app_id)
        if (before.curation.rules or before.curation.collections) and not replace:
            raise StorefrontError(f"The draft of {slug} is not empty. Export it first, then say --replace.")
        draft = services.curation.drafts.replace(app_id, starter(), before.revision)
    shown = {
        "revision": draft.revision,
        "rules": len(draft.curation.rules),
        "collections": len(draft.curation.collections),
    }
    _show(
        shown,
        f"{slug}: the draft is the starter set now, {shown['rules']} rules and {shown['collections']} collections. "
        "`storefront curation preview` shows what it would change.",
        as_json=as_json,
    )


@curation.command("preview")
@_of_app
@_as_json
@click.option("--limit", type=click.IntRange(0, 1000), default=10, show_default=True, help="Of each long list.")
def preview_curation(slug: str, limit: int, *, as_json: bool) -> None:
    """Show what publishing the draft now would change; nothing is written."""
    with open_services() as services:
        preview = services.curation.previews.preview(_app(services, slug).id, limit)
    shown = present_preview(preview)
    _show(shown, describe_preview(shown), as_json=as_json)


@curation.command("publish")
@_of_app
@_as_json
@click.option("--note", help="For those who come later.")
def publish_curation(slug: str, note: str | None, *, as_json: bool) -> None:
    """Put the draft in force, and publish the catalog under it."""
    if note is not None and len(note) > LONGEST_NOTE:
        raise click.BadParameter(f"at most {LONGEST_NOTE} characters", param_hint="--note")
    with open_services() as services:
        published = services.curation.publishing.publish(_app(services, slug).id, OPERATOR, note)
    publication = published.publication
    seen = (
        "The first sync will publish under it."
        if publication is None
        else f"{publication.products} products on sale: {publication.entered} entered, {publication.changed} changed, "
        f"{publication.left} left."
    )
    sentence = f"{slug}: version {published.version.number} is in force. {seen}"
    _show(present_published(published), sentence, as_json=as_json)


@curation.command("versions")
@_of_app
@_as_json
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
def list_versions(slug: str, limit: int, *, as_json: bool) -> None:
    """List published versions, newest first: the first one is in force."""
    with open_services() as services:
        found = services.curation.versions.find(_app(services, slug).id, limit)
    lines = [
        f"{each.number}  {each.published_at:%Y-%m-%d %H:%M}  {each.published_by}  {each.note or ''}" for each in found
    ]
    text = "\n".join(line.rstrip() for line in lines) or f"{slug}: nothing was published yet; every product is listed."
    _show({"versions": [present_version(each) for each in found]}, text, as_json=as_json)


@curation.command("restore")
@_of_app
@_as_json
@click.argument("version", type=click.IntRange(1))
def restore_version(slug: str, version: int, *, as_json: bool) -> None:
    """Put a version, overrides included, in the draft's place."""
    with open_services() as services:
        draft = services.curation.versions.restore(_app(services, slug).id, version)
    sentence = f"{slug}: version {version} is the draft now. `storefront curation publish` puts it in force."
    _show({"restored_version": version, "revision": draft.revision}, sentence, as_json=as_json)


def _app(services: Services, slug: str) -> PartnerApp:
    return services.apps.by_slug(slug)


def _read(file: IO[str]) -> Any:  # noqa: ANN401  what read_file gives
    try:
        return read_file(json.load(file))
    except (ValueError, RecursionError) as error:
        raise StorefrontError(f"{file.name} can't be read as JSON: {error}.") from error
    except InvalidInputError as error:
        for fault in error.faults:
            click.echo(_line(fault), err=True)
        raise CurationRefusedError(f"{file.name} can't be used; nothing was changed.") from error


def _line(fault: Fault) -> str:
    return f"{fault.pointer or '/'}: {fault.code}: {fault.detail}"


def _show(shown: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    """JSON where it is asked for, or where nobody watches; else a sentence."""
    if as_json or not sys.stdout.isatty():
        click.echo(json.dumps(shown, default=_written, ensure_ascii=False))
    else:
        click.echo(sentence)


def _written(moment: Any) -> str:  # noqa: ANN401  only moments are no JSON
    written: str = moment.isoformat()
    return written

"""Keys that partners call with: key."""

import json
from datetime import datetime, timedelta
from typing import Final

import click

from foundation.keys import ApiKey, KeyKind, Restrictions
from foundation.scopes import AREAS
from storefront.cli.session import open_services

ALL: Final = "all"
ANY: Final = "any"
SCOPE: Final = click.option(
    "--scope",
    "scopes",
    multiple=True,
    help=f"What a secret key may do: one of {', '.join(AREAS)}, alone or with :read or :write; `{ALL}` lifts it.",
)
ORIGIN: Final = click.option(
    "--origin",
    "origins",
    multiple=True,
    help=f"A web page's origin that a publishable key may be used from (https://…); `{ANY}` lifts it.",
)
LIFE: Final = click.option(
    "--expires-in-days", type=click.FloatRange(0, 3660, min_open=True), help="When it holds no longer."
)


@click.group()
def key() -> None:
    """Keys that partners call with."""


@key.command("create")
@click.option("--app", "slug", required=True, help="The app's slug.")
@click.option("--kind", type=click.Choice([kind.value for kind in KeyKind]), required=True)
@SCOPE
@ORIGIN
@LIFE
def create(
    slug: str, kind: str, scopes: tuple[str, ...], origins: tuple[str, ...], expires_in_days: float | None
) -> None:
    """Make a key; prints it, this once. Without restrictions it may do all that its kind may."""
    with open_services() as services:
        restrictions = Restrictions(
            _given(scopes, ALL, None), _given(origins, ANY, None), _moment(services.clock(), expires_in_days)
        )
        click.echo(services.apps.create_key(slug, KeyKind(kind), restrictions))


@key.command("list")
@click.option("--app", "slug", required=True, help="The app's slug.")
def list_keys(slug: str) -> None:
    """Show an app's keys by id, never in full: what they are good for, until when, and when they were used last."""
    with open_services() as services:
        now = services.clock()
        for row in services.apps.keys(slug):
            used = f"used {row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else "never used"
            click.echo(
                f"{row.id}  {row.kind}  {row.hint}  made {row.created_at:%Y-%m-%d %H:%M}  {used}  {_state(row, now)}"
                f"{_restricted(row)}"
            )


@key.command("rotate")
@click.argument("key_id")
@click.option(
    "--overlap-hours", default=24.0, show_default=True, type=click.FloatRange(0, 8784), help="How long both hold."
)
def rotate(key_id: str, overlap_hours: float) -> None:
    """Make a key's successor, with the same restrictions; prints it as JSON, this once. The old one holds meanwhile."""
    with open_services() as services:
        made = services.keys.rotate(key_id, timedelta(hours=overlap_hours))
    shown = {"key": made.key, "key_id": made.key_id, "old_key_id": key_id}
    click.echo(json.dumps({**shown, "old_key_expires_at": made.old_expires_at.isoformat()}, indent=2))


@key.command("restrict")
@click.argument("key_id")
@SCOPE
@ORIGIN
@LIFE
@click.option("--never-expires", is_flag=True, help="Lift the expiry.")
def restrict(
    key_id: str,
    scopes: tuple[str, ...],
    origins: tuple[str, ...],
    expires_in_days: float | None,
    *,
    never_expires: bool,
) -> None:
    """Change what a key is good for; what is not given stays. The catalog may take five seconds to know."""
    with open_services() as services:
        row = services.keys.get(key_id)
        until = _moment(services.clock(), expires_in_days) or row.expires_at
        restrictions = Restrictions(
            _given(scopes, ALL, row.scopes), _given(origins, ANY, row.origins), None if never_expires else until
        )
        services.keys.restrict(key_id, restrictions)
        row = services.keys.get(key_id)
    click.echo(f"{key_id}: {_state(row, services.clock())}{_restricted(row)}")


@key.command("revoke")
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """Refuse a key from now on."""
    with open_services() as services:
        services.keys.revoke(key_id)
    click.echo(f"{key_id} is revoked. Cached catalog answers may still be read with it for up to a minute.")


def _given(named: tuple[str, ...], lifted: str, present: list[str] | None) -> list[str] | None:
    if not named:
        return present
    return None if lifted in named else list(named)


def _moment(now: datetime, days: float | None) -> datetime | None:
    return None if days is None else now + timedelta(days=days)


def _state(row: ApiKey, now: datetime) -> str:
    if row.revoked_at is not None:
        return f"revoked {row.revoked_at:%Y-%m-%d %H:%M}"
    if row.expires_at is None:
        return "active"
    return f"{'active until' if row.expires_at > now else 'expired'} {row.expires_at:%Y-%m-%d %H:%M}"


def _restricted(row: ApiKey) -> str:
    scopes = "" if row.scopes is None else f"  scopes {','.join(row.scopes) or 'none'}"
    return scopes + ("" if row.origins is None else f"  origins {','.join(row.origins) or 'none'}")

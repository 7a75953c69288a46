"""The signing secrets of an app's webhook endpoint: app webhook-secret."""

import click

from storefront.cli.session import open_services


@click.group("webhook-secret")
def webhook_secret() -> None:
    """Secrets that Goody's webhooks may be signed with; during a rotation two are active."""


@webhook_secret.command("add")
@click.argument("slug")
@click.argument("secret")
def add(slug: str, secret: str) -> None:
    """Accept webhooks signed with this secret (whsec_…) too; the older secrets stay good until they are retired."""
    with open_services() as services:
        services.apps.add_webhook_secret(slug, secret)
    click.echo(f"Webhooks of {slug} signed with this secret are accepted from now on.")


@webhook_secret.command("list")
@click.argument("slug")
def list_secrets(slug: str) -> None:
    """Show an app's secrets by id and fingerprint, never in full."""
    with open_services() as services:
        for kept in services.webhook_secrets.all(slug):
            state = f"retired {kept.retired_at:%Y-%m-%d %H:%M}" if kept.retired_at else "active"
            click.echo(f"{kept.id}  sha256 {kept.fingerprint}  made {kept.created_at:%Y-%m-%d %H:%M}  {state}")


@webhook_secret.command("retire")
@click.argument("slug")
@click.argument("secret_id", type=int)
@click.option("--force", is_flag=True, help="Even the last active one: then all webhooks are refused.")
def retire(slug: str, secret_id: int, *, force: bool) -> None:
    """Refuse webhooks signed with this secret from now on (within five seconds)."""
    with open_services() as services:
        services.webhook_secrets.retire(slug, secret_id, is_last_allowed=force)
    click.echo(f"Webhooks of {slug} signed with secret {secret_id} are refused from now on.")

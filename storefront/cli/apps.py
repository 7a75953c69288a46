"""Partner apps: app."""

import json

import click

from foundation.apps import PAYMENT_MODES
from storefront.cli.app_settings import set_app, set_tokens, show_app
from storefront.cli.session import open_services
from storefront.cli.webhook_secrets import webhook_secret
from storefront.goody_keys import ENVIRONMENTS


@click.group()
def app() -> None:
    """Partner apps."""


@app.command("create")
@click.argument("slug")
@click.option("--goody-api-key", required=True, help="The app's key from Goody's Commerce API page.")
@click.option("--goody-base-url", default=None, help="Where Goody is; for an emulator. Default: by --environment.")
@click.option("--environment", type=click.Choice(sorted(ENVIRONMENTS)), default="sandbox", show_default=True)
@click.option("--webhook-secret", default=None, help="The signing secret (whsec_…) of the endpoint at Goody.")
@click.option("--default-mode", type=click.Choice(PAYMENT_MODES), default=PAYMENT_MODES[0], show_default=True)
def create_app(
    slug: str,
    goody_api_key: str,
    goody_base_url: str | None,
    environment: str,
    webhook_secret: str | None,
    default_mode: str,
) -> None:
    """Make a partner app; prints its keys as JSON, this once. Works while Goody is down."""
    with open_services() as services:
        made = services.apps.create(
            slug,
            goody_api_key=goody_api_key,
            goody_base_url=goody_base_url or ENVIRONMENTS[environment],
            webhook_secret=webhook_secret,
            default_mode=default_mode,
        )
        webhook_url = f"{services.settings.public_url}/webhooks/goody/{slug}"
    shown = {
        "app_id": made.app_id,
        "slug": made.slug,
        "publishable_key": made.publishable_key,
        "secret_key": made.secret_key,
        "webhook_url": webhook_url,
    }
    click.echo(json.dumps(shown, indent=2))


@app.command("add-webhook-secret", hidden=True)
@click.argument("slug")
@click.argument("secret")
def add_webhook_secret(slug: str, secret: str) -> None:
    """The same as `app webhook-secret add`, under its older name."""
    with open_services() as services:
        services.apps.add_webhook_secret(slug, secret)
    click.echo(f"Webhooks of {slug} signed with this secret are accepted from now on.")


for command in (show_app, set_app, set_tokens, webhook_secret):
    app.add_command(command)

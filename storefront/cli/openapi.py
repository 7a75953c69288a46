"""The API's description: openapi."""

import json

import click

from foundation.encryption import generate_key
from foundation.settings import Settings
from storefront.factory import create_app
from storefront.services import build_services


@click.command()
def openapi() -> None:
    """Print the REST API's OpenAPI 3.1 description; needs no settings and no database."""
    services = build_services(Settings(database_url="sqlite://", encryption_keys=[generate_key()]))
    description = create_app(services).test_client().get("/openapi.json").get_json()
    services.close()
    click.echo(json.dumps(description, indent=2, ensure_ascii=False))

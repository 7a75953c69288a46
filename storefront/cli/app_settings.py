"""Settings of one app: app show, app set, app tokens."""

import json
from typing import Any

import click

from foundation.app_policy import Caps
from foundation.app_settings import shown
from foundation.apps import CAPABILITIES
from foundation.customer_tokens import TokenAlgorithm
from storefront.cli.session import open_services
from storefront.goody_keys import ENVIRONMENTS, must_fit, repin


@click.command("show")
@click.argument("slug")
def show_app(slug: str) -> None:
    """Print an app's settings as JSON."""
    with open_services() as services:
        click.echo(json.dumps(shown(services.apps.by_slug(slug)), indent=2))


@click.command("set")
@click.argument("slug")
@click.option(
    "--cap", "caps", multiple=True, metavar="NAME=N", help=f"One of {', '.join(Caps().write())}; =none lifts it."
)
@click.option("--capability", "capabilities", multiple=True, type=click.Choice(CAPABILITIES), help="Replaces the list.")
@click.option("--goody-api-key", help="A new key at Goody: running processes use it at once.")
@click.option("--goody-base-url", help="Where Goody is.")
@click.option("--environment", type=click.Choice(sorted(ENVIRONMENTS)), help="The same, by name.")
@click.option("--other-goody-app", is_flag=True, help="Mean it that the key is another Goody app's than so far.")
@click.option("--default-expiry-days", type=int, help="Of stored value gifts that name no expiry.")
@click.option(
    "--insufficient-stored-value", type=click.Choice(["refuse", "warn"]), help="When open gifts speak for it."
)
@click.option("--custom-catalog/--whole-catalog", "use_custom_catalog", default=None, help="Which one is synced.")
@click.option("--show-inactive/--hide-inactive", default=None, help="Of a custom catalog; they are not on sale.")
@click.option("--country-code", metavar="CC", help="Products that ship there, such as CA; none leaves it to Goody.")
def set_app(  # noqa: PLR0913  one parameter per option
    slug: str,
    *,
    caps: tuple[str, ...],
    capabilities: tuple[str, ...],
    goody_api_key: str | None,
    goody_base_url: str | None,
    environment: str | None,
    default_expiry_days: int | None,
    insufficient_stored_value: str | None,
    country_code: str | None,
    use_custom_catalog: bool | None,
    show_inactive: bool | None,
    other_goody_app: bool,
) -> None:
    """Change an app's settings; what is not given stays as it is. Prints them as JSON."""
    options = {"use_custom_catalog": use_custom_catalog, "show_inactive": show_inactive}
    catalog: dict[str, bool | str | None] = {name: value for name, value in options.items() if value is not None}
    if country_code is not None:
        catalog["country_code"] = None if country_code == "none" else country_code.upper()
    base_url = ENVIRONMENTS[environment] if environment is not None else goody_base_url
    with open_services() as services:
        if not other_goody_app:
            must_fit(services, services.apps.by_slug(slug), goody_api_key, base_url)
        app = services.app_settings.change(
            slug,
            caps=dict(_cap(text) for text in caps),
            capabilities=list(capabilities) or None,
            goody_api_key=goody_api_key,
            goody_base_url=base_url,
            default_expiry_days=default_expiry_days,
            is_overdraft_allowed=None if insufficient_stored_value is None else insufficient_stored_value == "warn",
            catalog_options=catalog,
        )
        if other_goody_app:
            repin(services, slug)
            app = services.apps.by_slug(slug)
    click.echo(json.dumps(shown(app), indent=2))


@click.command("tokens")
@click.argument("slug")
@click.option("--algorithm", type=click.Choice([name.value for name in TokenAlgorithm]), required=True)
@click.option("--issuer", required=True, help="What the tokens' iss will be.")
@click.option("--jwks-url", help="Where the partner publishes its keys; for RS256 and ES256.")
def set_tokens(slug: str, algorithm: str, issuer: str, jwks_url: str | None) -> None:
    """Accept customer tokens signed so; prints the secret for HS256, this once."""
    with open_services() as services:
        app, secret = services.app_settings.use_tokens(slug, TokenAlgorithm(algorithm), issuer, jwks_url)
    click.echo(json.dumps({"aud": app.id, "iss": issuer, "algorithm": algorithm, "secret": secret}, indent=2))


def _cap(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    if name not in Caps().write() or not (value == "none" or value.isdecimal()):
        raise click.BadParameter(f"{text!r}: write NAME=N with one of {', '.join(Caps().write())}", param_hint="--cap")
    return name, None if value == "none" else int(value)

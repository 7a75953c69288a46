"""Partners' webhook endpoints: endpoint list, test, enable."""

import click

from foundation.errors import StorefrontError
from storefront.cli.session import open_services
from storefront.delivery.endpoints import Wish
from storefront.delivery.states import DeliveryStatus


@click.group()
def endpoint() -> None:
    """Partners' webhook endpoints: where events go, whether they arrive."""


@endpoint.command("list")
@click.argument("slug")
def list_endpoints(slug: str) -> None:
    """Show an app's endpoints, and what of theirs is open or failed."""
    with open_services() as services:
        app_id = services.apps.by_slug(slug).id
        counts = services.deliveries.counts(app_id)
        for each in services.webhook_endpoints.all(app_id):
            state = "enabled" if each.disabled_at is None else f"disabled ({each.disabled_reason})"
            failing = f"  failing since {each.failing_since:%Y-%m-%d %H:%M}" if each.failing_since else ""
            found = ", ".join(f"{counts.get((each.id, status), 0)} {status}" for status in DeliveryStatus)
            click.echo(f"{each.id}  {state}{failing}  {each.url}  {', '.join(each.event_types)}  {found}")


@endpoint.command("test")
@click.argument("slug")
@click.argument("endpoint_id")
def test_endpoint(slug: str, endpoint_id: str) -> None:
    """Send a test message now, and tell what came of it."""
    with open_services() as services:
        delivery, attempts = services.deliveries.test(services.apps.by_slug(slug).id, endpoint_id)
    for attempt in attempts:
        said = attempt.error or f"It answered {attempt.status_code}."
        click.echo(f"{delivery.status} in {attempt.duration_ms} ms. {said}")
    if delivery.status == DeliveryStatus.FAILED:
        raise StorefrontError("The endpoint did not take the test message.")


@endpoint.command("enable")
@click.argument("slug")
@click.argument("endpoint_id")
def enable(slug: str, endpoint_id: str) -> None:
    """Deliver to a disabled endpoint again; it goes on where it stopped."""
    with open_services() as services:
        app_id = services.apps.by_slug(slug).id
        services.webhook_endpoints.change(app_id, endpoint_id, Wish(is_enabled=True))
    click.echo(f"{endpoint_id} is enabled.")

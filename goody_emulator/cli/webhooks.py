"""The command line: goody-emulator webhooks."""

from typing import Final
from urllib.parse import quote

import click

from goody_emulator.cli.options import connected, given
from goody_emulator.cli.remote import Remote
from goody_emulator.cli.shows import show, show_rows

_ENDPOINTS: Final = {
    "id": "ID",
    "url": "URL",
    "events": "EVENTS",
    "disabled": "DISABLED",
    "secret": "SECRET",
    "app": "APP",
}
_DELIVERIES: Final = {
    "svix_id": "ID",
    "event_type": "EVENT",
    "status": "STATUS",
    "attempts": "TRIES",
    "last_outcome": "LAST",
    "created_at": "CREATED",
    "next_attempt_at": "NEXT TRY",
}


@click.group()
def webhooks() -> None:
    """Look at webhook endpoints and deliveries."""


@webhooks.command("list")
@connected
def list_endpoints(remote: Remote) -> None:
    """List the endpoints, with the secrets that sign what they get."""
    answer = remote.get("webhooks")
    show_rows(remote, answer, answer["data"], _ENDPOINTS, "There are no endpoints.")


@webhooks.command()
@click.argument("endpoint_url")
@click.option("--event", "events", multiple=True, help="Only this event; can be repeated.")
@click.option("--secret", help="Sign with this (whsec_…); made up when left out.")
@connected
def add(remote: Remote, endpoint_url: str, events: tuple[str, ...], secret: str | None) -> None:
    """Send the app's events to another URL."""
    answer = remote.send("POST", "webhooks", given(url=endpoint_url, events=list(events) or None, secret=secret))
    show_rows(remote, answer, [answer], _ENDPOINTS, "")


@webhooks.command()
@click.argument("endpoint_id")
@connected
def remove(remote: Remote, endpoint_id: str) -> None:
    """Remove an endpoint."""
    remote.send("DELETE", f"webhooks/{quote(endpoint_id, safe='')}")
    show(remote, None, "Removed.")


@webhooks.command()
@click.option("--status", help="Those in this status only.")
@click.option("--event-type", help="Those of this event only.")
@click.option("--order", "order_id", help="Those of this order only.")
@connected
def deliveries(remote: Remote, **filters: str | None) -> None:
    """List the latest deliveries, oldest first."""
    answer = remote.get("deliveries", filters)
    show_rows(remote, answer, answer["data"], _DELIVERIES, "There are no such deliveries.")


@webhooks.command()
@click.argument("svix_id")
@click.option("--endpoint", "endpoint_id", help="To this endpoint only.")
@connected
def resend(remote: Remote, svix_id: str, endpoint_id: str | None) -> None:
    """Send a message again at once, also one that was delivered."""
    answer = remote.send("POST", f"deliveries/{quote(svix_id, safe='')}/resend", given(endpoint_id=endpoint_id))
    show(remote, answer, f"{svix_id} is sent again.")


@webhooks.command()
@click.argument("kind")
@click.option("--endpoint", "endpoint_id", help="To this endpoint; to the first one when left out.")
@connected
def forge(remote: Remote, kind: str, endpoint_id: str | None) -> None:
    """Send what a receiver has to refuse or survive, and tell what it did.

    KIND is bad_signature, stale_timestamp, unknown_secret, malformed_json, oversized, foreign_order, unknown_event or
    missing_headers.
    """
    answer = remote.send("POST", "deliveries/forge", given(kind=kind, endpoint_id=endpoint_id))
    show(remote, answer, f"The receiver answered {answer['status'] or answer['error']}.")

"""Goody's messages as they were stored: webhook."""

from datetime import UTC, datetime

import click

from payments.message_log import MessageFilter
from payments.messages import State
from payments.tables import WebhookMessage
from storefront.cli.session import open_services
from storefront.services import Services

APP = click.option("--app", "slug", default=None, help="One app only.")
STATE = click.option("--state", type=click.Choice([state.value for state in State]), default=None)
SINCE = click.option("--since", type=click.DateTime(), default=None, help="Those that came since then, in UTC.")
TYPE = click.option("--type", "event_type", default=None, help="Such as order.refunded.")


@click.group()
def webhook() -> None:
    """Messages that Goody sent, kept as they came."""


@webhook.command("list")
@APP
@STATE
@SINCE
@TYPE
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
def list_messages(
    slug: str | None, state: str | None, since: datetime | None, event_type: str | None, limit: int
) -> None:
    """Show messages, newest first."""
    with open_services() as services:
        found = services.messages.find(_filter(services, slug, state, since, event_type), limit)
    for message in found:
        click.echo(_in_one_line(message))
    if not found:
        click.echo("No message fits.")


@webhook.command("show")
@click.argument("message_id", type=int)
def show(message_id: int) -> None:
    """Print what is known of a message, then its body as it came. It may hold names and addresses."""
    with open_services() as services:
        message = services.messages.get(message_id)
    click.echo(_in_one_line(message), err=True)
    click.echo(message.body)


@webhook.command("replay")
@click.argument("message_ids", type=int, nargs=-1)
@APP
@STATE
@SINCE
@TYPE
def replay(
    message_ids: tuple[int, ...], slug: str | None, state: str | None, since: datetime | None, event_type: str | None
) -> None:
    """Let the worker apply messages again: those of these ids, or all that fit. What was told is not told twice."""
    if not (message_ids or state or since or event_type):
        raise click.UsageError("Say which: ids, --state, --since or --type.")
    with open_services() as services:
        count = services.messages.replay(_filter(services, slug, state, since, event_type, message_ids))
    click.echo(f"{count} {'message is' if count == 1 else 'messages are'} due again; the worker applies them.")


def _filter(
    services: Services,
    slug: str | None,
    state: str | None,
    since: datetime | None,
    event_type: str | None,
    ids: tuple[int, ...] = (),
) -> MessageFilter:
    return MessageFilter(
        app_id=None if slug is None else services.apps.by_slug(slug).id,
        ids=ids,
        state=None if state is None else State(state),
        since=None if since is None else since.replace(tzinfo=UTC),
        event_type=event_type,
    )


def _in_one_line(message: WebhookMessage) -> str:
    reason = f"  {message.reason}" if message.reason else ""
    tries = f"  tried {message.tries} times" if message.tries else ""
    event_type = message.event_type or "unknown type"
    came = f"{message.received_at:%Y-%m-%d %H:%M:%S}"
    return f"{message.id}  {came}  {message.state}  {event_type}  {message.svix_id}{tries}{reason}"

"""Orders whose outcome is not known, or that did not become gifts: submission."""

import getpass

import click

from payments.submission_states import Submission
from payments.tables import OrderBatch
from storefront.cli.session import open_services


@click.group()
def submission() -> None:
    """Orders whose outcome is not known yet, and batches that are stuck."""


@submission.command("list")
def list_submissions() -> None:
    """Show batches that are pending, sending or unknown, and those of which Goody made no gifts."""
    with open_services() as services:
        undecided, incomplete = services.resolutions.undecided(), services.resolutions.incomplete()
    for batch in undecided:
        click.echo(f"{_begin(batch)}  attempt {batch.attempt}  next {batch.next_attempt_at:%H:%M:%S}{_end(batch)}")
    for batch in incomplete:
        click.echo(f"{_begin(batch)}  at Goody {batch.goody_batch_id}, {batch.send_status}{_end(batch)}")
    if not undecided:
        click.echo("Every order's outcome is known.")


@submission.command("adopt")
@click.argument("batch_id")
@click.option("--goody-batch-id", required=True, help="The batch's id at Goody, a UUID.")
def adopt(batch_id: str, goody_batch_id: str) -> None:
    """Take a batch found at Goody for this order; its reference there must be BATCH_ID."""
    with open_services() as services:
        batch = services.resolutions.adopt(batch_id, goody_batch_id)
    click.echo(f"{batch.id} is {batch.submission_status}: Goody's batch {batch.goody_batch_id}, {batch.send_status}.")


@submission.command("abandon")
@click.argument("batch_id")
@click.option("--reason", required=True, help="Why: kept with the order, and told in its event.")
@click.option("--by", default=getpass.getuser, show_default="the user of this shell", help="Who decides it.")
def abandon(batch_id: str, reason: str, by: str) -> None:
    """Send an order no more; it ends without a gift once Goody certainly has it not."""
    with open_services() as services:
        batch = services.resolutions.abandon(batch_id, reason, by)
    if batch.submission_status == Submission.REJECTED:
        click.echo(f"{batch.id} is abandoned: Goody has it not. The partner is told by order_batch.rejected.")
    elif batch.submission_status == Submission.SUBMITTED:
        click.echo(f"{batch.id} is not abandoned: Goody has it, as {batch.goody_batch_id}. Cancel its orders instead.")
    else:
        click.echo(
            f"{batch.id} is sent no more. An attempt may have reached Goody, so it has to be absent at two looks, "
            f"minutes apart: the worker closes it, or this command given again. So far: {batch.last_problem}."
        )


def _begin(batch: OrderBatch) -> str:
    return f"{batch.id}  {batch.submission_status}  made {batch.created_at:%Y-%m-%d %H:%M:%S}"


def _end(batch: OrderBatch) -> str:
    reason = f" ({batch.stuck_reason})" if batch.stuck_reason else ""
    stuck = f"  STUCK{reason}" if batch.stuck_at else ""
    decided = f"  being abandoned by {batch.resolution['by']}" if batch.resolution else ""
    problem = f"  {batch.last_problem}" if batch.last_problem else ""
    return f"{stuck}{decided}{problem}"

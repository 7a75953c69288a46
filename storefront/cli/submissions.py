"""Orders whose outcome is not known: submission."""

import click

from storefront.cli.session import open_services


@click.group()
def submission() -> None:
    """Orders whose outcome is not known yet."""


@submission.command("list")
def list_submissions() -> None:
    """Show batches that are pending, sending or unknown, with what went wrong last."""
    with open_services() as services:
        undecided = services.submissions.undecided()
    for batch in undecided:
        stuck = "  STUCK" if batch.stuck_at else ""
        problem = f"  {batch.last_problem}" if batch.last_problem else ""
        click.echo(
            f"{batch.id}  {batch.submission_status}  attempt {batch.attempt}  made {batch.created_at:%Y-%m-%d %H:%M:%S}"
            f"  next {batch.next_attempt_at:%H:%M:%S}{stuck}{problem}"
        )
    if not undecided:
        click.echo("Every order's outcome is known.")

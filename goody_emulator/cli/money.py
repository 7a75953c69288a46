"""The command line: goody-emulator deposit, withdraw, payout and statement."""

import sys
from pathlib import Path
from typing import Final

import click

from goody_emulator.cli.options import connected
from goody_emulator.cli.remote import Remote
from goody_emulator.cli.shows import dollars, show

_STATEMENTS: Final = {"stored-value": "stored_value", "payouts": "payouts"}


@click.command()
@click.argument("cents", type=click.IntRange(1))
@connected
def deposit(remote: Remote, cents: int) -> None:
    """Put money into an app's stored value.

    That of the app of --key, so many CENTS; orders that have waited for it are paid.
    """
    _move(remote, "deposits", cents)


@click.command()
@click.argument("cents", type=click.IntRange(1))
@connected
def withdraw(remote: Remote, cents: int) -> None:
    """Take money out of an app's stored value.

    That of the app of --key, so many CENTS.
    """
    _move(remote, "withdrawals", cents)


@click.command()
@connected
def payout(remote: Remote) -> None:
    """Pay out the revenue share.

    That of orders which shoppers paid to Goody: what is unpaid, of the app of --key or of all.
    """
    before = {each["id"] for each in remote.get("payouts")["data"]}
    answer = remote.send("POST", "payouts")
    made = [each for each in answer["data"] if each["id"] not in before]
    lines = [f"{dollars(each['amount'])} to {each['app']}, of {len(each['entries'])} entries" for each in made]
    show(remote, answer, "\n".join(lines) or f"Nothing is to be paid out; unpaid are {dollars(answer['unpaid'])}.")


@click.command()
@click.argument("account", type=click.Choice(list(_STATEMENTS)))
@click.option("--from", "start", help="UTC date or moment, inclusive.")
@click.option("--to", "end", help="UTC date or moment, exclusive.")
@click.option("--notation", help="How amounts are written: us or eu.")
@click.option("--encoding", help="utf-8, utf-16 or latin-1.")
@click.option("--date", help="How dates are written: iso or us.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file.")
@connected
def statement(
    remote: Remote, account: str, output: Path | None, start: str | None, end: str | None, **how: str
) -> None:
    """Get an app's statement as CSV.

    That of the app of --key, of its stored value or of its payouts.
    """
    content = remote.fetch(f"{_STATEMENTS[account]}/statement.csv", {"from": start, "to": end, **how})
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}.") from error
    click.echo(f"Wrote {len(content):,} bytes to {output}.", err=True)


def _move(remote: Remote, kind: str, cents: int) -> None:
    answer = remote.send("POST", f"stored_value/{kind}", {"amount": cents})
    show(remote, answer, f"The balance is {dollars(answer['balance'])}.")

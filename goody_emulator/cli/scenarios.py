"""The command line: goody-emulator scenario."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import click
import msgspec

from goody_emulator.cli.options import connected
from goody_emulator.cli.remote import Remote
from goody_emulator.cli.shows import show, show_rows, table
from goody_emulator.scenarios.reading import ScenarioError, read_file

_STEPS: Final = {"after": "AFTER", "do": "STEP", "details": "DETAILS"}
_RUNS: Final = {"due_at": "DUE", "done_at": "DONE", "do": "STEP", "outcome": "OUTCOME", "reason": "REASON"}
_NOT_DETAILS: Final = frozenset({"after", "do", "outcome", "reason", "due_at", "done_at"})


@click.group()
def scenario() -> None:
    """Let orders play scenarios.

    A scenario is what happens to an order by itself, step by step, on the emulator's clock.
    """


@scenario.command("list")
@connected
def list_scenarios(remote: Remote) -> None:
    """List the scenarios there are, and what is armed."""
    answer = remote.get("scenarios")
    text = table(answer["data"], {"name": "NAME", "about": "WHAT HAPPENS"})
    if answer["armed"]:
        text += "\n\n" + table(answer["armed"], {"name": "ARMED", "app": "APP", "orders_left": "ORDERS LEFT"})
    show(remote, answer, text)


@scenario.command("show")
@click.argument("name")
@connected
def show_scenario(remote: Remote, name: str) -> None:
    """Show the steps of a scenario."""
    answer = remote.get(f"scenarios/{quote(name, safe='')}")
    extras = [f"{kind}: {answer[kind]}" for kind in ("faults", "chaos", "quirks") if answer.get(kind)]
    text = table([{"after": "0s", **step, "details": _details(step)} for step in answer["steps"]], _STEPS)
    show(remote, answer, "\n".join([answer.get("about", ""), "", text, *extras]))


@scenario.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@connected
def put(remote: Remote, file: Path) -> None:
    """Bring the scenario of a TOML FILE to the emulator, under the file's name."""
    try:
        written = read_file(file)
    except ScenarioError as error:
        raise click.ClickException(str(error)) from error
    answer = remote.send("PUT", f"scenarios/{file.stem}", msgspec.to_builtins(written))
    show(remote, answer, f"{file.stem} can be played.")


@scenario.command()
@click.argument("name")
@click.argument("order_id")
@connected
def play(remote: Remote, name: str, order_id: str) -> None:
    """Let an order play a scenario, from now on."""
    answer = remote.send("POST", f"scenarios/{quote(name, safe='')}/play", {"order_id": order_id})
    show(remote, answer, f"{order_id} plays {name}:\n{table(answer['steps'], _RUNS)}")


@scenario.command()
@click.argument("name")
@click.option("--orders", default=1, show_default=True, help="How many.")
@connected
def arm(remote: Remote, name: str, orders: int) -> None:
    """Let the next orders of the app of --key play a scenario."""
    answer = remote.send("POST", f"scenarios/{quote(name, safe='')}/arm", {"orders": orders})
    show(remote, answer, f"The next {orders} orders of {answer['app']} play {name}.")


@scenario.command()
@connected
def disarm(remote: Remote) -> None:
    """Let no order to come play anything."""
    remote.send("DELETE", "scenarios/armed")
    show(remote, None, "Nothing is armed.")


@scenario.command()
@click.option("--order", "order_id", help="Those of this order only.")
@connected
def runs(remote: Remote, order_id: str | None) -> None:
    """Show what is being played, and what came of each step."""
    answer = remote.get("scenarios/runs", {"order_id": order_id})
    steps = [
        {**step, "scenario": run["scenario"], "order_id": run["order_id"]}
        for run in answer["data"]
        for step in run["steps"]
    ]
    show_rows(remote, answer, steps, {"order_id": "ORDER", "scenario": "SCENARIO", **_RUNS}, "Nothing is being played.")


def _details(step: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in step.items() if name not in _NOT_DETAILS)

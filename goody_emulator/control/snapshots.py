"""Keep the whole state under a name, and put it back."""

from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response

from goody_emulator.caller import answer, emulator
from goody_emulator.state.snapshots import Snapshot
from goody_emulator.state.timestamps import shown

_LEFT_OUT: Final = ("faults", "quirks", "requests")
"""What is only held in memory, and so is in no snapshot."""


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room. A snapshot holds the state of all apps, whoever asks."""
    blueprint.get("/snapshots")(snapshots)
    blueprint.get("/snapshots/<name>")(snapshot)
    blueprint.put("/snapshots/<name>")(take)
    blueprint.delete("/snapshots/<name>")(remove)
    blueprint.post("/snapshots/<name>/restore")(restore)


def snapshots() -> Response:
    """List the snapshots there are."""
    return answer({"data": [_shown(each) for each in emulator().snapshots.listed()], "left_out": _LEFT_OUT})


def snapshot(name: str) -> Response:
    """Show when a snapshot was taken, and how large it is."""
    return answer(_shown(emulator().snapshots.find(name)))


def take(name: str) -> Response:
    """Copy the state of all apps."""
    return answer(_shown(emulator().snapshots.take(name)), HTTPStatus.CREATED)


def restore(name: str) -> Response:
    """Put a snapshot in the place of the state of all apps, while the emulator goes on running."""
    return answer(_shown(emulator().snapshots.restore(name)))


def remove(name: str) -> Response:
    """Delete a snapshot."""
    emulator().snapshots.remove(name)
    return Response(status=HTTPStatus.NO_CONTENT)


def _shown(found: Snapshot) -> dict[str, object]:
    return {"name": found.name, "taken_at": shown(found.taken_at), "size": found.size}

"""Look at what was sent, and how that went."""

from flask import Blueprint, Response

from goody_emulator.caller import answer, emulator
from goody_emulator.control.scope import limited_to
from goody_emulator.state.timestamps import shown, shown_or_none

_SHOWN_AT_MOST = 1000


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.get("/deliveries")(deliveries)


def deliveries() -> Response:
    """List the latest webhook deliveries, oldest first."""
    app = limited_to()
    rows = emulator().store.rows(
        "SELECT * FROM deliveries WHERE app_id = coalesce(?, app_id) ORDER BY seq DESC LIMIT ?",
        None if app is None else app.id,
        _SHOWN_AT_MOST,
    )
    data = [
        {
            "svix_id": row["svix_id"],
            "event_type": row["event_type"],
            "app": row["app_id"],
            "status": row["status"],
            "attempts": row["attempts"],
            "last_outcome": row["last_outcome"],
            "created_at": shown(row["created_at"]),
            "next_attempt_at": shown_or_none(row["next_attempt_at"]),
        }
        for row in reversed(rows)
    ]
    return answer({"data": data})

"""Give an app a past."""

from http import HTTPStatus
from random import Random
from typing import Final

import msgspec
from flask import Blueprint, Response, request

from goody_emulator.caller import answer, caller, emulator
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import read_body
from goody_emulator.scenarios.history import Part
from goody_emulator.state import timestamps

_DAY: Final = 86_400_000
_MOST: Final = 5000
_LONGEST: Final = 3650
_MOST_PARTS: Final = 10_000


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """What history is to be written. A long one is written in parts of equal length, one request after the other."""

    orders: int = 100
    """How many, in this part."""
    seed: int = 1
    days: float = 90
    until: str | None = None
    """When the history ends; now when left out. To be the same for all parts."""
    payment_method_id: str = "COMMERCE_HOSTED_PAYMENT"
    webhooks: bool = False
    """Whether webhooks tell of it, all at once."""
    part: int = 1
    parts: int = 1

    def check(self) -> None:
        """Refuse what makes no sense."""
        for name, value, least, most in (
            ("orders", self.orders, 1, _MOST),
            ("days", self.days, 0.01, _LONGEST),
            ("parts", self.parts, 1, _MOST_PARTS),
            ("part", self.part, 1, self.parts),
        ):
            if not least <= value <= most:
                raise RefusedError(f"`{name}` must be from {least} to {most}.")


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.post("/seed")(seed)


def seed() -> Response:
    """Write a history for the key's app: orders in all statuses, as if they had been lived through."""
    app, wanted = caller(), read_body(request.get_data() or b"{}", Wanted)
    wanted.check()
    end = _end(wanted)
    length = round(wanted.days * _DAY)
    start, stop = (end - length + length * number // wanted.parts for number in (wanted.part - 1, wanted.part))
    emulator().histories.write(
        Part(
            app=app,
            orders=wanted.orders,
            start=start,
            end=stop,
            dice=Random(f"{wanted.seed}-{wanted.part}"),  # noqa: S311 - the same seed gives the same history
            payment_method_id=wanted.payment_method_id,
            is_silent=not wanted.webhooks,
            is_first=wanted.part == 1,
            is_last=wanted.part == wanted.parts,
        )
    )
    told = {"orders": wanted.orders, "from": timestamps.shown(start), "until": timestamps.shown(stop)}
    return answer({**told, "part": wanted.part, "parts": wanted.parts}, HTTPStatus.CREATED)


def _end(wanted: Wanted) -> int:
    present = emulator().store.clock.now()
    if wanted.until is None:
        return present
    try:
        end = timestamps.parsed(wanted.until)
    except (ValueError, OverflowError) as error:
        raise RefusedError("`until` must be a moment in ISO 8601, such as 2026-06-30T00:00:00Z.") from error
    if end > present:
        raise RefusedError("`until` must not lie in the future of the emulator's clock.")
    return end

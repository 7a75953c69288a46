"""Tell how the emulator is, set its clock, make it forget."""

from typing import Final

import msgspec
from flask import Blueprint, Response, request

from goody_emulator.caller import answer, emulator
from goody_emulator.control.scope import limited_to
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import read_body
from goody_emulator.state import timestamps
from goody_emulator.state.timeline import PATIENCE

_FURTHEST: Final = 10 * 365 * 86_400
_LAST: Final = timestamps.parsed("3000-01-01")
_MOST_PATIENCE: Final = 600


class Moment(msgspec.Struct):
    """A moment of the clock, or how far it lies ahead."""

    to: str | None = None
    seconds: float | None = None
    patience: float = PATIENCE
    """Real seconds to wait for what comes due on the way."""

    @property
    def is_named(self) -> bool:
        """Tell whether a moment is named at all."""
        return self.to is not None or self.seconds is not None

    def after(self, present: int) -> int:
        """Return the moment in milliseconds, the present one when none is named; RefusedError if it makes no sense."""
        if not 0 <= self.patience <= _MOST_PATIENCE:
            raise RefusedError(f"`patience` must be from 0 to {_MOST_PATIENCE} seconds.")
        if self.to is not None and self.seconds is not None:
            raise RefusedError("Name the moment with `to` or with `seconds`, not with both.")
        moment = present + _milliseconds(self.seconds or 0) if self.to is None else _moment(self.to)
        if moment - present > _FURTHEST * 1000 or moment > _LAST:
            raise RefusedError("`to` must lie within ten years of the emulator's clock, and before the year 3000.")
        return moment


def _milliseconds(seconds: float) -> int:
    if not 0 <= seconds <= _FURTHEST:
        raise RefusedError(f"`seconds` must be from 0 to {_FURTHEST}.")
    return round(seconds * 1000)


def _moment(text: str) -> int:
    try:
        return timestamps.parsed(text)
    except (ValueError, OverflowError) as error:
        raise RefusedError("`to` must be a moment in ISO 8601, such as 2026-12-24T18:00:00Z.") from error


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.get("/health")(health)
    blueprint.post("/reset")(reset)
    blueprint.get("/clock")(clock)
    blueprint.post("/clock/freeze")(freeze)
    blueprint.post("/clock/advance")(advance)
    blueprint.post("/clock/resume")(resume)


def health() -> Response:
    """Tell that the emulator is up, and over which catalog."""
    settings = emulator().settings
    return answer({"status": "ok", "products": settings.products, "seed": settings.seed})


def reset() -> Response:
    """Forget all orders; without a key also the request log and the faults, and the clock runs by the machine's."""
    app = limited_to()
    if app is None:
        emulator().timeline.reset()
    emulator().forget(None if app is None else app.id)
    if app is None:
        emulator().requests.clear()
        emulator().faults.clear()
    return Response(status=204)


def clock() -> Response:
    """Tell the emulator's time."""
    return _clock()


def freeze() -> Response:
    """Let the clock stand still, now or at a later moment."""
    asked = _asked()
    return _clock(is_settled=emulator().timeline.freeze(asked.after, asked.patience))


def advance() -> Response:
    """Move the clock on; everything due on the way happens, in its order, before the answer."""
    asked = _asked()
    if not asked.is_named:
        raise RefusedError("Say how far: `seconds`, or a moment as `to`.")
    return _clock(is_settled=emulator().timeline.advance(asked.after, asked.patience))


def resume() -> Response:
    """Let the clock run on from where it stands."""
    emulator().timeline.resume()
    return _clock()


def _asked() -> Moment:
    return read_body(request.get_data() or b"{}", Moment)


def _clock(**more: bool) -> Response:
    found = emulator().store.clock
    shown = {"now": timestamps.shown(found.now()), "frozen": found.frozen_at is not None, **more}
    return answer({**shown, "ahead_seconds": (found.now() - timestamps.machine_time()) // 1000})

"""Tell how the emulator is, set its clock, make it forget."""

import msgspec
from flask import Blueprint, Response, request

from goody_emulator.caller import answer, emulator
from goody_emulator.control.scope import limited_to
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import read_body
from goody_emulator.state import timestamps

_FURTHEST = 10 * 365 * 86_400


class Moment(msgspec.Struct):
    """A moment of the clock, or how far it lies ahead."""

    to: str | None = None
    seconds: float | None = None

    def after(self, present: int) -> int | None:
        """Return the moment in milliseconds, or None when none is named; RefusedError when it makes no sense."""
        if self.to is not None and self.seconds is not None:
            raise RefusedError("Name the moment with `to` or with `seconds`, not with both.")
        if self.seconds is not None:
            if not 0 <= self.seconds <= _FURTHEST:
                raise RefusedError(f"`seconds` must be from 0 to {_FURTHEST}.")
            return present + round(self.seconds * 1000)
        if self.to is None:
            return None
        try:
            moment = timestamps.parsed(self.to)
        except ValueError as error:
            raise RefusedError("`to` must be a moment in ISO 8601, such as 2026-12-24T18:00:00Z.") from error
        if moment > present + _FURTHEST * 1000:
            raise RefusedError("`to` must lie within ten years of the emulator's clock.")
        return moment


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
    """Forget all orders; without a key also the request log and the faults."""
    app = limited_to()
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
    found = emulator()
    found.timeline.freeze(_asked().after(found.store.clock.now()))
    return _clock()


def advance() -> Response:
    """Move the clock on; everything due on the way happens, in its order, before the answer."""
    found = emulator()
    moment = _asked().after(found.store.clock.now())
    if moment is None:
        raise RefusedError("Say how far: `seconds`, or a moment as `to`.")
    return _clock(is_settled=found.timeline.advance(moment))


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

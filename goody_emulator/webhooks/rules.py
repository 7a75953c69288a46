"""Rules of chaos: what is to go wrong on the way of which messages, and how often."""

from typing import Annotated, Final, Literal

import msgspec

from goody_emulator.errors import RefusedError
from goody_emulator.patterns import fits
from goody_emulator.webhooks.event_types import EVENT_TYPES

Kind = Literal["duplicate", "late_duplicate", "reorder", "delay", "drop", "early", "late", "legacy"]

_FURTHEST: Final = 30 * 86_400
_OPTIONS: Final = {
    "duplicate": {"seconds", "times", "order_id"},
    "late_duplicate": {"seconds", "times", "order_id"},
    "reorder": {"seconds", "order_id"},
    "delay": {"seconds", "order_id"},
    "drop": {"order_id"},
    "late": {"seconds"},
}
_USUAL_SECONDS: Final = {"late_duplicate": 3 * 86_400, "delay": 60, "late": 1}


class Rule(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One thing that is to go wrong."""

    kind: Kind
    event_type: str | None = None
    """The events it concerns, `*` standing for anything; left out, every event, for `legacy` those of batches."""
    order_id: str | None = None
    """The order whose messages it concerns; left out, those of every order and batch."""
    count: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    """How many messages (for `early` and `late`: batches) it is to strike; once, unless there is a probability."""
    probability: Annotated[float, msgspec.Meta(gt=0, le=1)] | None = None
    """How likely it strikes each of them."""
    seed: int | None = None
    """The same seed strikes the same messages of a sequence."""
    seconds: Annotated[float, msgspec.Meta(ge=0, le=_FURTHEST)] | None = None
    """How much later, by the emulator's clock (for `late`: in real time)."""
    times: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None
    """How many times more a duplicate comes."""

    def check(self) -> None:
        """Raise RefusedError when the rule makes no sense."""
        for option in ("seconds", "times", "order_id"):
            if getattr(self, option) is not None and option not in _OPTIONS.get(self.kind, set()):
                raise RefusedError(f"`{option}` means nothing to the kind {self.kind}.")
        if self.kind == "reorder" and (self.count is None or self.probability is not None):
            raise RefusedError("The kind reorder needs `count`, how many messages to turn round, and no `probability`.")
        if self.seed is not None and self.probability is None:
            raise RefusedError("`seed` means something with `probability` only.")
        if self.kind == "late" and self.event_type is not None:
            raise RefusedError("The kind late holds all events back: `event_type` means nothing to it.")
        if not any(fits(self.pattern, name) for name in EVENT_TYPES):
            raise RefusedError(f"No event is called {self.event_type}; the events are {', '.join(EVENT_TYPES)}.")

    @property
    def pattern(self) -> str:
        """The events it concerns, as a pattern."""
        return self.event_type or ("order_batch.*" if self.kind == "legacy" else "*")

    def columns(self) -> dict[str, object]:
        """Return the rule as a row, with what was left out filled in."""
        once = 1 if self.probability is None else None
        return {
            "kind": self.kind,
            "event_type": self.pattern,
            "order_id": self.order_id,
            "remaining": once if self.count is None else self.count,
            "probability": self.probability,
            "seed": self.seed or 0,
            "seconds": _USUAL_SECONDS.get(self.kind, 0) if self.seconds is None else self.seconds,
            "times": self.times or 1,
        }


class Rules(msgspec.Struct, forbid_unknown_fields=True):
    """The body that sets rules."""

    rules: Annotated[list[Rule], msgspec.Meta(min_length=1, max_length=100)]

"""How the process logs: told, compared and put back, so that no test decides what another one can see."""

import logging
from dataclasses import dataclass
from typing import Self

Manners = tuple[int, bool, bool]
_UNTOUCHED: Manners = (logging.NOTSET, False, True)


@dataclass(frozen=True)
class LoggingState:
    """The root's handlers, and of each logger that is not as new: level, whether disabled, whether it propagates."""

    handlers: tuple[logging.Handler, ...]
    loggers: dict[str, Manners]

    @classmethod
    def now(cls) -> Self:
        """What is so at present."""
        found = {name: _manners(logger) for name, logger in _loggers().items()}
        told = {name: manners for name, manners in found.items() if manners != _UNTOUCHED}
        return cls(tuple(logging.root.handlers), told)

    def differences(self, other: Self) -> list[str]:
        """What is different there, a line for each logger."""
        names = sorted({*self.loggers, *other.loggers})
        pairs = {name: (self.loggers.get(name, _UNTOUCHED), other.loggers.get(name, _UNTOUCHED)) for name in names}
        changed = [f"{name}: {before} is now {after}" for name, (before, after) in pairs.items() if before != after]
        return changed if self.handlers == other.handlers else [*changed, f"handlers of the root: {other.handlers}"]

    def restore(self) -> None:
        """Make it so again."""
        logging.root.handlers[:] = self.handlers
        for name, logger in _loggers().items():
            level, logger.disabled, logger.propagate = self.loggers.get(name, _UNTOUCHED)
            logger.setLevel(level)


def _loggers() -> dict[str, logging.Logger]:
    known = logging.root.manager.loggerDict.items()
    return {"root": logging.root, **{name: each for name, each in known if isinstance(each, logging.Logger)}}


def _manners(logger: logging.Logger) -> Manners:
    return logger.level, logger.disabled, logger.propagate

"""The parts of the emulator that deal with scenarios, put together."""

from goody_emulator.scenarios.cast import Cast
from goody_emulator.scenarios.library import Library
from goody_emulator.scenarios.player import Player
from goody_emulator.scenarios.runs import Runs
from goody_emulator.scenarios.staging import Staging
from goody_emulator.state.store import Store


class Stage:
    """Where scenarios are kept and played."""

    def __init__(self, store: Store, folder: str | None, cast: Cast, staging: Staging) -> None:
        self.library = Library(store, folder)
        self.runs = Runs(store, self.library, staging)
        self.player = Player(store, self.runs, cast)

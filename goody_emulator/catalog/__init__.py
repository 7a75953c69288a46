"""The invented gift catalog: drawn from the seed, then changed for one app or for all."""

from goody_emulator.catalog.catalog import Catalog
from goody_emulator.catalog.shelf import Shelf, Wanted

__all__ = ["Catalog", "Shelf", "Wanted"]

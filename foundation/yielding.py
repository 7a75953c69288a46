"""Imported first by the process that others are forked from: from then on it and they yield to whoever is busy."""

import os
from typing import Final

NICENESS: Final = 10

os.nice(NICENESS)

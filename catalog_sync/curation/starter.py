"""The starter set: rules and collections for a general gift shop, to begin with and to change."""

import json
from importlib.resources import files

from catalog_sync.curation.model import Curation
from catalog_sync.curation.reading import read_curation


def starter() -> Curation:
    """Occasions, categories, budgets, what is no gift, and what comes first. See docs/curation.md."""
    return read_curation(json.loads(files(__package__).joinpath("starter.json").read_text(encoding="utf-8")))

"""Where brands ship to: the United States all of them, some to other countries as well."""

from typing import Final

from goody_emulator.catalog.dice import dice

HOME: Final = "US"
_ABROAD: Final = {"CA": 3, "GB": 6, "AU": 8, "DE": 8, "FR": 10}
"""One brand in so many ships there."""
COUNTRIES: Final = frozenset({HOME, *_ABROAD})


def draw_countries(seed: int, brand_id: str) -> frozenset[str]:
    """Return the country codes a brand ships to."""
    rng = dice(seed, "countries", brand_id)
    return frozenset({HOME, *(code for code, one_in in _ABROAD.items() if rng.randrange(one_in) == 0)})

"""Addresses in the US, as the Postal Service writes them."""

import re
from typing import Final

STATES: Final = frozenset(
    re.findall(
        "..",
        "ALAKAZARCACOCTDEFLGAHIIDILINIAKSKYLAMEMDMAMIMNMSMOMTNENVNHNJNMNYNCNDOHOKORPARISCSDTNTXUTVTVAWAWVWIWY"
        "DCASGUMPPRVIAAAEAP",
    )
)
"""States, the District of Columbia, territories, and the forces' mail."""

ZIP: Final = re.compile(r"[0-9]{5}(-[0-9]{4})?")

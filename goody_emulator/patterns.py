"""Patterns of paths."""

import re
from functools import lru_cache


def fits(pattern: str, path: str) -> bool:
    """Tell whether a path fits a pattern, in which `*` stands for anything, also for nothing and for slashes."""
    return _compiled(pattern).fullmatch(path) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)

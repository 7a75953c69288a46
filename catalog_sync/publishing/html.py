"""The HTML of attributes: cleaned for whoever shows it, and stripped to its text for the search.

Many products say the same (sizes, materials, care), so what has been cleaned is kept for a while.
"""

import html
import re
from functools import lru_cache
from typing import Final

import nh3

# What Goody says its attributes may hold; anything else is taken out, whatever it sends.
_TAGS: Final = {"a", "div", "img", "span", "p", "br", "strong", "b", "em", "i", "ol", "ul", "li", "hr"}
_ATTRIBUTES: Final = {"a": {"href"}, "img": {"src", "width", "height", "alt"}}
_SCHEMES: Final = {"http", "https", "mailto"}
_cleaner: Final = nh3.Cleaner(tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES)

_MOST_KEPT: Final = 2048
_PLAIN: Final = re.compile(r"[^<>&\x00\r\xa0]*")
"""Text that parsing and writing HTML leaves as it is."""
_MARKUP: Final = re.compile(r"<[^>]*>")


def sanitize(content: str) -> str:
    """The HTML with Goody's allowed elements only; links get `rel="noopener noreferrer"`."""
    return content if _PLAIN.fullmatch(content) else _clean(content)


def text_of(content: str) -> str:
    """The words of HTML that may be anything: what was cleaned away is not among them."""
    return content if _PLAIN.fullmatch(content) else _text(content)


@lru_cache(maxsize=_MOST_KEPT)
def _clean(content: str) -> str:
    return _cleaner.clean(content)


@lru_cache(maxsize=_MOST_KEPT)
def _text(content: str) -> str:
    # In cleaned HTML a bracket that is not markup is written as an entity.
    return html.unescape(_MARKUP.sub(" ", _clean(content)))

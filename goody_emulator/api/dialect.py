"""Answers in the dialect of the caller's quirks."""

from typing import Any, Final

import msgspec
from flask import Response, g

from goody_emulator.api.paging import asked_page
from goody_emulator.caller import emulator
from goody_emulator.dialect import SPELLINGS, spell
from goody_emulator.quirks import Quirk

__all__ = ["speak", "spell"]

_CONCERNED: Final = SPELLINGS | {Quirk.EMPTY_PAGE_WITHIN}


def speak(response: Response) -> Response:
    """Return an answer as the quirks of the caller's app want it; without any it is the very same."""
    quirks = emulator().quirks.of_app(g.app.id) & _CONCERNED if "app" in g else frozenset()
    if not quirks or response.mimetype != "application/json":
        return response
    spoken = msgspec.json.decode(response.get_data())
    if Quirk.EMPTY_PAGE_WITHIN in quirks and _is_page_within(spoken):
        spoken["data"] = []
    response.set_data(msgspec.json.encode(spell(quirks, spoken)))
    return response


def _is_page_within(spoken: dict[str, Any]) -> bool:
    if "list_meta" not in spoken:
        return False
    page, total = asked_page(), spoken["list_meta"]["total_count"]
    return page.start == page.size and total > page.stop

"""The spelling of answers and webhooks: the same content in another of the spellings Goody's documents leave open."""

import re
from typing import Any, Final

from goody_emulator.quirks import Quirk

SPELLINGS: Final = frozenset(
    {
        Quirk.FLOAT_AMOUNTS,
        Quirk.PRICE_ESTIMATE_NAMES,
        Quirk.ORDER_LINK_NAME,
        Quirk.SHARED_LINK_NAME,
        Quirk.UNKNOWN_FIELDS,
        Quirk.NULLS_LEFT_OUT,
        Quirk.SHARE_FLAG_LEFT_OUT,
    }
)
"""The quirks that concern spelling."""

UNKNOWN_FIELD: Final = "emulated_novelty"
"""The field that `unknown-fields` adds to every object; no document of Goody's knows it."""
_NOVELTY: Final = {"kind": "unheard_of", "values": [1, None, "two"]}

_AMOUNT: Final = re.compile(r"(original_)?amount_\w+|price(_\w+)?|\w+_price|est_\w+|balance|free_shipping_minimum")
_NAMES: Final = {
    Quirk.PRICE_ESTIMATE_NAMES: {"cart_price": "cart_price_estimate", "total_price": "total_price_estimate"},
    Quirk.ORDER_LINK_NAME: {"individual_gift_link": "individual_order_link"},
    Quirk.SHARED_LINK_NAME: {"individual_gift_link": "individual_gift_link_shared"},
}
_SHARE_FLAG: Final = "commerce_revshare_excluded"


def spell(quirks: frozenset[Quirk], value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return a JSON value spelt as the quirks want it: the value itself when none of them concerns spelling."""
    if not quirks & SPELLINGS:
        return value
    names = {old: new for quirk, renamed in _NAMES.items() if quirk in quirks for old, new in renamed.items()}
    return _spelt(quirks, names, value)


def _spelt(quirks: frozenset[Quirk], names: dict[str, str], value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_spelt(quirks, names, each) for each in value]
    if not isinstance(value, dict):
        return value
    spelt = {
        names.get(name, name): float(each) if _is_to_float(quirks, name, each) else _spelt(quirks, names, each)
        for name, each in value.items()
        if not _is_left_out(quirks, name, each)
    }
    return spelt | {UNKNOWN_FIELD: _NOVELTY} if Quirk.UNKNOWN_FIELDS in quirks else spelt


def _is_to_float(quirks: frozenset[Quirk], name: str, value: object) -> bool:
    return Quirk.FLOAT_AMOUNTS in quirks and type(value) is int and _AMOUNT.fullmatch(name) is not None


def _is_left_out(quirks: frozenset[Quirk], name: str, value: object) -> bool:
    if value is None:
        return Quirk.NULLS_LEFT_OUT in quirks
    return name == _SHARE_FLAG and Quirk.SHARE_FLAG_LEFT_OUT in quirks

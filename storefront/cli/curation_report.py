"""A preview as text, for a merchandiser at a terminal."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from foundation.money import show

Json = dict[str, Any]

_NAME: Final = 44


def describe_preview(told: Json) -> str:
    """What publishing the draft would change, as `storefront.curation_presenters` presents it."""
    return "\n".join([*_assortment(told), "", *_lists(told), "", *_rules(told), "", *_collections(told)])


def _assortment(told: Json) -> Iterator[str]:
    before, after = told["before"], told["after"]
    yield f"on sale        {before['products']} → {after['products']} of {told['present']} products"
    yield f"revenue share  {_part(before)} → {_part(after)} of products earn it"
    yield f"prices         {_prices(before)} → {_prices(after)}"
    yield f"order          {told['reordered']} products stand elsewhere"
    if told["stale_overrides"]:
        yield f"stale          {told['stale_overrides']} overrides: the supplier has changed something under them"


def _lists(told: Json) -> Iterator[str]:
    for title, items in (
        ("enter", told["entering"]),
        ("leave", told["leaving"]),
        ("in no collection", told["unmatched"]),
    ):
        yield _listed(title, items["total"], (item["name"] or item["id"] for item in items["items"]))
    moves = told["moving"]
    yield _listed("move", moves["total"], (_move(item) for item in moves["items"]))


def _rules(told: Json) -> Iterator[str]:
    yield "rules, and how many products each matches"
    for rule in told["rules"]:
        yield f"  {rule['count']:>6}  {rule['name']}" + ("" if rule["count"] else "   ← matches nothing")


def _collections(told: Json) -> Iterator[str]:
    yield "collections"
    for each in told["collections"]:
        before, after = ("-" if each[side] is None else each[side] for side in ("before", "after"))
        notes = [f"{each[name]} {name}" for name in ("joining", "leaving", "reordered") if each[name]]
        if each["handle"] in told["empty_collections"]:
            notes.append("empty")
        if each["absent"]["total"]:
            notes.append(f"{each['absent']['total']} it names are not on sale")
        yield f"  {each['title'][:_NAME]:<{_NAME}} {before:>6} → {after:>6}  {', '.join(notes)}".rstrip()


def _part(assortment: Json) -> str:
    part = assortment["revenue_share_part"]
    return "-" if part is None else f"{part:.1%}"


def _prices(assortment: Json) -> str:
    prices = assortment["prices"]
    if prices is None:
        return "-"
    return f"{show(prices['lowest'])} to {show(prices['highest'])}, half of them {show(prices['median'])} or less"


def _move(item: Json) -> str:
    steps = [*(f"+{handle}" for handle in item["joins"]), *(f"-{handle}" for handle in item["leaves"])]
    return f"{item['name'] or item['id']} ({' '.join(steps)})"


def _listed(title: str, total: int, items: Iterable[str]) -> str:
    named = "; ".join(items)
    return f"{total} {title}" + (f": {named}" if named else "")

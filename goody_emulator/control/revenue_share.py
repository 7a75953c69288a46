"""Set the terms of revenue share, see what was earned by them, and pay it out."""

from http import HTTPStatus
from typing import Any, Final

import msgspec
from flask import Blueprint, Response, request

from goody_emulator.apps import App
from goody_emulator.caller import answer, emulator
from goody_emulator.control.scope import limited_to
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import read_body
from goody_emulator.money.terms import Base, Terms
from goody_emulator.state import timestamps
from goody_emulator.state.store import Row
from goody_emulator.state.timestamps import shown, shown_or_none

_WHOLE: Final = 10_000


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Terms that are to hold, from now on unless a moment is named."""

    bps: int
    base: str = Base.PRODUCTS.value
    excluded_brand_ids: list[str] = []
    holds_from: str | None = msgspec.field(default=None, name="from")


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.get("/revenue_share")(revenue_share)
    blueprint.put("/revenue_share")(put_revenue_share)
    blueprint.get("/payouts")(payouts)
    blueprint.post("/payouts")(pay_out)


def revenue_share() -> Response:
    """Show the terms of the key's app, or those of all apps, and every share with how it came about."""
    app_id = _app_id(limited_to())
    treasury = emulator().treasury
    return answer(
        {
            "current": _terms(treasury.terms.at(app_id, emulator().store.clock.now())),
            "terms": [_terms(each) for each in treasury.terms.history(app_id)],
            "entries": [_entry(row) for row in treasury.shares.of_app(app_id)],
        }
    )


def put_revenue_share() -> Response:
    """Let terms hold for the key's app, or for all apps without terms of their own, until the next ones do."""
    app_id, wanted = _app_id(limited_to()), read_body(request.get_data(), Wanted)
    if not 0 <= wanted.bps <= _WHOLE:
        raise RefusedError(f"bps must be from 0 to {_WHOLE}, in hundredths of a percent.")
    if wanted.base not in list(Base):
        raise RefusedError(f"base must be one of {', '.join(Base)}.")
    unknown = sorted(set(wanted.excluded_brand_ids) - set(emulator().catalog.of(app_id).brands))
    if unknown:
        raise RefusedError(f"excluded_brand_ids must be ids of GET /v1/brands; these are not: {', '.join(unknown)}.")
    store = emulator().store
    with store.transaction():
        terms = Terms(wanted.bps, Base(wanted.base), tuple(wanted.excluded_brand_ids))
        emulator().treasury.terms.put(app_id, terms, _moment(wanted.holds_from, store.clock.now()))
    return revenue_share()


def payouts() -> Response:
    """List the payouts of the key's app, or of all apps, each with what it consists of, and what is unpaid."""
    return _payouts()


def pay_out() -> Response:
    """Pay the key's app, or all apps, what is unpaid; nothing is where refunds have outrun the shares."""
    made = [emulator().treasury.payouts.make(app_id) for app_id in _apps()]
    return _payouts(HTTPStatus.CREATED if any(made) else HTTPStatus.OK)


def _payouts(status: HTTPStatus = HTTPStatus.OK) -> Response:
    book, shares = emulator().treasury.payouts, emulator().treasury.shares
    data = [
        {
            "id": payout["id"],
            "app": app_id,
            "amount": payout["amount"],
            "created_at": shown(payout["created_at"]),
            "entries": [_entry(row) for row in shares.of_payout(payout["id"])],
        }
        for app_id in _apps()
        for payout in book.of_app(app_id)
    ]
    return answer({"data": data, "unpaid": sum(book.unpaid(app_id) for app_id in _apps())}, status)


def _apps() -> list[str]:
    rows = emulator().store.rows("SELECT id FROM apps WHERE id = coalesce(?, id)", _app_id(limited_to()))
    return [row["id"] for row in rows]


def _app_id(app: App | None) -> str | None:
    return None if app is None else app.id


def _moment(text: str | None, present: int) -> int:
    try:
        return present if text is None else timestamps.parsed(text)
    except (ValueError, OverflowError) as error:
        raise RefusedError("`from` must be a UTC date or a moment in ISO 8601, such as 2026-12-24.") from error


def _terms(terms: Terms) -> dict[str, Any]:
    return {
        "bps": terms.bps,
        "base": terms.base,
        "excluded_brand_ids": terms.excluded_brand_ids,
        "from": shown_or_none(terms.holds_from),
    }


def _entry(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "app": row["app_id"],
        "order_id": row["order_id"],
        "kind": row["kind"],
        "settled_by": row["settled_by"],
        "bps": row["bps"],
        "base": row["base"],
        "base_amount": row["base_amount"],
        "excluded_amount": row["excluded_amount"],
        "of_refunds": row["of_refunds"],
        "amount": row["amount"],
        "payout_id": row["payout_id"],
        "created_at": shown(row["created_at"]),
    }

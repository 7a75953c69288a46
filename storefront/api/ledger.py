"""The ledger: balances, entries, and adjustments by people."""

import hashlib
from http import HTTPStatus
from typing import Any

from flask import request

from foundation.money import CURRENCY
from payments.ledger.accounts import TITLES, Account
from payments.ledger.adjusting import Adjustment, Wish
from payments.ledger.queries import EntryFilter
from storefront.api.access import BACKEND, allow, caller
from storefront.api.idempotent import HEADER, idempotent
from storefront.api.lists import page, read_number, write_key
from storefront.api.schemas.ledger import (
    BalancesQuery,
    BalancesSchema,
    EntriesQuery,
    EntryPageSchema,
    EntrySchema,
    NewAdjustmentSchema,
)
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services
from storefront.ledger_presenters import present_entry

blueprint = Blueprint("ledger", __name__, url_prefix="/v1/ledger", description="The books, in double entry")


@blueprint.route("/balances")
@blueprint.arguments(BalancesQuery, location="query")
@blueprint.response(200, BalancesSchema)
@allow(BACKEND)
def get_balances(query: dict[str, Any]) -> dict[str, Any]:
    """The balance of every account, now or as of any moment."""
    found = services().ledger_reader.balances(caller().app_id, query["at"])
    return {
        "currency": CURRENCY,
        "at": query["at"],
        "balances": [
            {"account": account.value, "title": TITLES[account], "amount": amount} for account, amount in found.items()
        ],
    }


@blueprint.route("/entries")
@blueprint.arguments(EntriesQuery, location="query")
@blueprint.response(200, EntryPageSchema)
@allow(BACKEND)
def list_entries(query: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """The journal, in the order in which it was written."""
    wanted = EntryFilter(
        order_id=query["order"],
        kind=query["kind"],
        account=query["account"],
        after=read_number(query["cursor"]) or 0,
        limit=query["limit"],
    )
    found = services().ledger_reader.entries(caller().app_id, wanted)
    shown = found[: wanted.limit]
    cursor = write_key(str(shown[-1].entry.number)) if len(found) > wanted.limit else None
    return page([present_entry(each) for each in shown], cursor)


@blueprint.route("/adjustments", methods=["POST"])
@idempotent()
@blueprint.arguments(NewAdjustmentSchema)
@blueprint.response(201, EntrySchema)
@blueprint.header(HEADER, "a new one for each adjustment, the same one for its retries")
@allow(BACKEND)
def adjust(data: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Post a deposit, a withdrawal or a correction, or take an entry back; with a reason."""
    wish = Wish(
        adjustment=Adjustment(data["kind"]),
        reason=data["reason"],
        amount=data["amount"],
        postings=tuple((Account(each["account"]), each["amount"]) for each in data["postings"]),
        entry=data["entry"],
        order_id=data["order_id"],
        occurred_at=data["occurred_at"],
        reference=data["reference"],
    )
    posted = services().adjustments.post(caller().app_id, wish, caller().key_id, _source())
    return present_entry(posted), HTTPStatus.CREATED


def _source() -> str | None:
    """From the caller's own key: whatever becomes of the answer, the same request is posted once."""
    key = request.headers.get(HEADER)
    return None if key is None else f"adjustment:{hashlib.sha256(request.get_data() + key.encode()).hexdigest()}"

"""The partner's stored value at Goody."""

from typing import Any

from foundation.money import CURRENCY
from storefront.api.access import BACKEND, allow, caller
from storefront.api.schemas.stored_value import StoredValueSchema
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services

blueprint = Blueprint("stored_value", __name__, url_prefix="/v1/stored_value", description="The prefunded balance")


@blueprint.route("")
@blueprint.response(200, StoredValueSchema)
@allow(BACKEND)
def get_stored_value() -> dict[str, Any]:
    """The balance at Goody just now, what open gifts may still take of it, and what is left."""
    funds = services().stored_value.funds(caller().app_id)
    return {
        "currency": CURRENCY,
        "balance": funds.balance,
        "commitments": funds.commitments,
        "available": funds.available,
    }

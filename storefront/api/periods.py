"""Months of the ledger."""

from http import HTTPStatus
from typing import Any

from payments.ledger.periods import Period
from storefront.api.access import BACKEND, allow, caller
from storefront.api.idempotent import HEADER, idempotent
from storefront.api.schemas.ledger import ClosingSchema, ClosingsSchema
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services
from storefront.ledger_presenters import present_closing

blueprint = Blueprint("periods", __name__, url_prefix="/v1/periods", description="Months of the ledger")


@blueprint.route("")
@blueprint.response(200, ClosingsSchema)
@allow(BACKEND)
def list_closings() -> dict[str, Any]:
    """Every closing and reopening, with the closing reports."""
    return {"data": [present_closing(each) for each in services().closings.all(caller().app_id)]}


@blueprint.route("/<string:period>/close", methods=["POST"])
@idempotent()
@blueprint.response(201, ClosingSchema)
@blueprint.header(HEADER, "a new one for each closing, the same one for its retries")
@allow(BACKEND)
def close_period(period: str) -> tuple[dict[str, Any], int]:
    """Close a month (`2026-11`): tiers are trued up, what is open is carried, later news count in the next month."""
    closing = services().closings.close(caller().app_id, Period.read(period), caller().key_id)
    return present_closing(closing), HTTPStatus.CREATED

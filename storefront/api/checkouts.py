"""Checkout: make one, look at it, change it, complete it."""

from http import HTTPStatus
from typing import Any

from flask import request, url_for

from payments.submission_states import Submission
from storefront.api.access import EVERY_KEY, SHOPPER, allow, caller
from storefront.api.idempotent import HEADER, idempotent
from storefront.api.schemas.checkouts import (
    CheckoutChangeSchema,
    CheckoutSchema,
    CompleteSchema,
    CreatedCheckoutSchema,
    NewCheckoutSchema,
    QuoteChangedSchema,
)
from storefront.api.schemas.orders import OrderBatchSchema
from storefront.api.smorest import Blueprint
from storefront.api.wiring import services
from storefront.checkout.agreement import Agreement
from storefront.checkout.errors import PreconditionFailedError
from storefront.checkout.tables import Checkout
from storefront.presenters import present_batch, present_checkout

blueprint = Blueprint("checkouts", __name__, url_prefix="/v1/checkouts", description="From a wish to an order")

Answer = tuple[dict[str, Any], int, dict[str, str]]


@blueprint.route("", methods=["POST"])
@idempotent()
@blueprint.arguments(NewCheckoutSchema)
@blueprint.response(201, CreatedCheckoutSchema)
@blueprint.header(HEADER, "a new one for each checkout, the same one for its retries")
@allow(EVERY_KEY)
def create_checkout(data: dict[str, Any]) -> Answer:
    """A new checkout. What still stands in the way of completing it is listed under `problems`."""
    app = services().apps.get(caller().app_id)
    return _created(*services().checkouts.create(caller(), {"payment_mode": app.default_mode, **data}))


@blueprint.route("/<string:checkout_id>/copies", methods=["POST"])
@idempotent()
@blueprint.response(201, CreatedCheckoutSchema)
@blueprint.header(HEADER, "a new one for each copy, the same one for its retries")
@allow(SHOPPER)
def copy_checkout(checkout_id: str) -> Answer:
    """A new checkout with the content of one that was refused (a declined card, say) or has expired."""
    return _created(*services().checkouts.copy(caller(), checkout_id))


def _created(checkout: Checkout, secret: str) -> Answer:
    location = url_for("checkouts.get_checkout", checkout_id=checkout.id)
    return {**_present(checkout), "client_secret": secret}, HTTPStatus.CREATED, {"Location": location, **_tag(checkout)}


@blueprint.route("/<string:checkout_id>")
@blueprint.response(200, CheckoutSchema)
@allow(SHOPPER)
def get_checkout(checkout_id: str) -> Answer:
    """The checkout as it stands."""
    checkout = services().checkouts.get(caller(), checkout_id)
    return _present(checkout), HTTPStatus.OK, _tag(checkout)


@blueprint.route("/<string:checkout_id>", methods=["PATCH"])
@blueprint.arguments(CheckoutChangeSchema)
@blueprint.response(200, CheckoutSchema)
@blueprint.header("If-Match", "the ETag of the checkout as it was read: 412 if it has changed since")
@allow(SHOPPER)
def change_checkout(data: dict[str, Any], checkout_id: str) -> Answer:
    """Change fields of an open checkout; any change makes a new quote."""
    checkout = services().checkouts.change(caller(), checkout_id, data, _expected_version(checkout_id))
    return _present(checkout), HTTPStatus.OK, _tag(checkout)


@blueprint.route("/<string:checkout_id>/complete", methods=["POST"])
@idempotent(is_required=True)
@blueprint.arguments(CompleteSchema)
@blueprint.response(201, OrderBatchSchema)
@blueprint.alt_response(202, OrderBatchSchema)
@blueprint.alt_response(409, QuoteChangedSchema)
@blueprint.header(HEADER, "a new one for each order, the same one for its retries", is_required=True)
@allow(SHOPPER)
def complete_checkout(data: dict[str, Any], checkout_id: str) -> Answer:
    """Order it, once. 202 while it is not known whether the supplier has it: the service finds out by itself."""
    batch, orders = services().completion.complete(caller(), checkout_id, Agreement(**data))
    is_known = batch.submission_status == Submission.SUBMITTED
    location = url_for("orders.get_batch", batch_id=batch.id)
    status = HTTPStatus.CREATED if is_known else HTTPStatus.ACCEPTED
    return present_batch(batch, orders, is_backend=caller().is_secret), status, {"Location": location}


def _present(checkout: Checkout) -> dict[str, Any]:
    return present_checkout(checkout, services().checkouts.batch_of(checkout), services().clock())


def _tag(checkout: Checkout) -> dict[str, str]:
    return {"ETag": f'"{checkout.version}"'}


def _expected_version(checkout_id: str) -> int | None:
    """The version that the checkout must still have, as `If-Match` says; None without that header."""
    if not request.if_match:
        return None
    version = services().checkouts.get(caller(), checkout_id).version
    if not request.if_match.contains(str(version)):
        raise PreconditionFailedError("The checkout has changed since. Read it again, then repeat the change.")
    return version

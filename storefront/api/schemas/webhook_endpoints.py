"""Webhook endpoints and what is delivered to them."""

from typing import Any, Final

from marshmallow import Schema, fields, validate

from storefront.api.schemas.catalog import page_of
from storefront.api.schemas.common import Moment, PageQuery, Strict, text
from storefront.delivery.event_types import EVENT_TYPES
from storefront.delivery.states import DeliveryKind, DeliveryStatus, DisabledReason

STATUSES: Final = ("enabled", "disabled")
LONGEST_OVERLAP: Final = 7 * 86_400
FILTERS: Final = {
    "description": f"names, beginnings such as `order.*`, or `*` for all (the default). Names: {', '.join(EVENT_TYPES)}"
}


def _filters() -> "fields.List[Any]":
    return fields.List(text(64), validate=validate.Length(1, 50), metadata=FILTERS)


class NewWebhookEndpointSchema(Strict):
    """Where events are to go."""

    url = text(
        2000, required=True, metadata={"description": "https, on the public internet; redirects aren't followed"}
    )
    description = text(500, load_default=None, allow_none=True)
    event_types = _filters()


class WebhookEndpointChangeSchema(Strict):
    """What is to be otherwise."""

    url = text(2000)
    description = fields.String(validate=validate.Length(max=500), metadata={"description": "empty: none"})
    event_types = _filters()
    status = fields.String(
        validate=validate.OneOf(STATUSES),
        metadata={"description": "enabled again, it gets what happened meanwhile, as far back as the log reaches"},
    )


class RotationSchema(Strict):
    """How long the older secrets go on signing beside the new one."""

    overlap_seconds = fields.Integer(
        load_default=86_400,
        strict=True,
        validate=validate.Range(0, LONGEST_OVERLAP),
        metadata={"description": "0: not at all, for a secret that got known"},
    )


class ReplayQuery(Strict):
    """From when on."""

    since = Moment(required=True)


class WebhookEndpointSchema(Schema):
    """An endpoint."""

    id = fields.String()
    url = fields.String()
    description = fields.String(allow_none=True)
    event_types = fields.List(fields.String())
    status = fields.String(validate=validate.OneOf(STATUSES))
    disabled_reason = fields.String(
        allow_none=True,
        validate=validate.OneOf([reason.value for reason in DisabledReason]),
        metadata={"description": "gone: it answered 410; failing: nothing reached it for five days"},
    )
    disabled_at = fields.DateTime(allow_none=True)
    failing_since = fields.DateTime(allow_none=True)
    last_success_at = fields.DateTime(allow_none=True)
    version = fields.Integer()
    created_at = fields.DateTime()
    updated_at = fields.DateTime()


class WebhookEndpointWithSecretSchema(WebhookEndpointSchema):
    """An endpoint with its newest secret."""

    secret = fields.String(metadata={"description": "`whsec_…`, to verify signatures with; shown this once"})


class WebhookEndpointsSchema(Schema):
    """The app's endpoints, oldest first."""

    data = fields.List(fields.Nested(WebhookEndpointSchema))


class AttemptSchema(Schema):
    """What one try came to."""

    attempted_at = fields.DateTime()
    duration_ms = fields.Integer()
    status_code = fields.Integer(allow_none=True, metadata={"description": "null: no answer came"})
    error = fields.String(allow_none=True)
    response_excerpt = fields.String(allow_none=True)


class DeliverySchema(Schema):
    """An event on its way to an endpoint. `event_id` is sent as `webhook-id`, the same each time."""

    id = fields.String()
    webhook_endpoint_id = fields.String()
    event_id = fields.String()
    event_type = fields.String()
    sequence = fields.Integer(allow_none=True)
    subject = fields.String(metadata={"description": "what the event is about"})
    kind = fields.String(validate=validate.OneOf([kind.value for kind in DeliveryKind]))
    status = fields.String(
        validate=validate.OneOf([status.value for status in DeliveryStatus]),
        metadata={"description": "waiting: an earlier event about the same order has not arrived yet"},
    )
    next_attempt_at = fields.DateTime(allow_none=True)
    created_at = fields.DateTime()
    settled_at = fields.DateTime(allow_none=True)
    attempts = fields.List(fields.Nested(AttemptSchema), metadata={"description": "oldest first"})


class DeliveriesQuery(PageQuery):
    """Which deliveries."""

    status = fields.Enum(DeliveryStatus, by_value=True, load_default=None)
    event_type = text(64, load_default=None)


class ReplaySchema(Schema):
    """What of the log is delivered once more, where it fits the endpoint's filter."""

    webhook_endpoint_id = fields.String()
    since = fields.DateTime()
    from_sequence = fields.Integer(allow_none=True, metadata={"description": "null: nothing happened since"})
    to_sequence = fields.Integer(allow_none=True)


DeliveryPageSchema = page_of(DeliverySchema)

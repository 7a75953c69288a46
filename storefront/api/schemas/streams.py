"""Event streams."""

from marshmallow import Schema, fields

from storefront.api.schemas.common import Strict, text


class NewStreamTokenSchema(Strict):
    """Whose events; a checkout's secret and a customer's token say so by themselves."""

    checkout_id = text(40, load_default=None, allow_none=True, metadata={"description": "secret key only"})
    customer_id = text(255, load_default=None, allow_none=True, metadata={"description": "secret key only"})


class StreamTokenSchema(Schema):
    """A minute to open a stream."""

    token = fields.String()
    url = fields.String(metadata={"description": "what to open: `new EventSource(url)`"})
    expires_at = fields.DateTime(metadata={"description": "until then the stream can be opened; it lasts longer"})


class StreamQuery(Schema):
    """How to open a stream."""

    token = fields.String(metadata={"description": "from POST /v1/stream_tokens, where no header can be sent"})
    last_event_id = fields.String(metadata={"description": "as the header Last-Event-ID"})

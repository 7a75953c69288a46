"""Events."""

from marshmallow import Schema, fields, validate

from storefront.api.schemas.catalog import page_of
from storefront.api.schemas.common import Strict


class EventsQuery(Strict):
    """Where to go on in the log."""

    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**62), metadata={"description": "a sequence"})
    limit = fields.Integer(load_default=24, validate=validate.Range(1, 100))


class EventSchema(Schema):
    """Something that happened, with the resource it is about as it is now."""

    id = fields.String()
    type = fields.String()
    timestamp = fields.DateTime()
    sequence = fields.Integer()
    data = fields.Dict(keys=fields.String())


EventPageSchema = page_of(EventSchema)

"""Stored value."""

from marshmallow import Schema, fields


class StoredValueSchema(Schema):
    """A prefunded account at Goody; US cents."""

    currency = fields.String()
    balance = fields.Integer(metadata={"description": "what Goody says just now; US cents"})
    commitments = fields.Integer(metadata={"description": "what open gifts may cost at most; US cents"})
    available = fields.Integer(metadata={"description": "balance less commitments; may be negative; US cents"})

"""Runs of the catalog's synchronisation."""

from marshmallow import Schema, fields, validate

from storefront.api.schemas.catalog import page_of
from storefront.api.schemas.common import PageQuery, Strict


class NewSyncRunSchema(Strict):
    """How to run."""

    dry_run = fields.Boolean(
        load_default=False, truthy={True}, falsy={False}, metadata={"description": "find what would change, only"}
    )


class ChangesQuery(Strict):
    """Which of a run's changes are shown with it."""

    changes_limit = fields.Integer(load_default=24, validate=validate.Range(0, 100))
    changes_cursor = fields.Integer(
        load_default=0, validate=validate.Range(0, 2**62), metadata={"description": "next_cursor of the last page"}
    )


class SyncRunsQuery(PageQuery):
    """Which runs."""


class BrakeSchema(Schema):
    """Why a run waits to be approved."""

    code = fields.String(metadata={"description": "too_many_retired, too_many_repriced, collection_emptied"})
    detail = fields.String()
    found = fields.Integer()
    limit = fields.Integer()


class SyncCountsSchema(Schema):
    """What a run did. Pages, retries and broken things are of all listings; the rest is about products."""

    pages = fields.Integer()
    retries = fields.Integer()
    readings = fields.Integer()
    seen = fields.Integer()
    created = fields.Integer()
    changed = fields.Integer()
    returned = fields.Integer()
    retired = fields.Integer()
    repriced = fields.Integer()
    broken = fields.Integer()
    published = fields.Integer()


class SyncProgressSchema(Schema):
    """How far a run has read."""

    pages = fields.Integer()
    pages_expected = fields.Integer()


class SyncRunSchema(Schema):
    """One run."""

    id = fields.String()
    status = fields.String(
        metadata={"description": "running, succeeded, incomplete, quarantined, superseded or failed"}
    )
    trigger = fields.String(metadata={"description": "schedule, command or request"})
    is_dry_run = fields.Boolean()
    started_at = fields.DateTime()
    finished_at = fields.DateTime(allow_none=True)
    phase = fields.String(
        allow_none=True, metadata={"description": "reading, planning, applying, publishing; null once it ended well"}
    )
    progress = fields.Nested(SyncProgressSchema)
    seconds = fields.Dict(keys=fields.String(), values=fields.Float(), metadata={"description": "by phase"})
    is_complete = fields.Boolean(metadata={"description": "whether what was absent is proven to be gone"})
    counts = fields.Nested(SyncCountsSchema)
    brakes = fields.List(fields.Nested(BrakeSchema))
    error = fields.String(allow_none=True)
    approved_at = fields.DateTime(allow_none=True)
    approved_by = fields.String(allow_none=True)


class SyncChangeSchema(Schema):
    """One thing that a run found different."""

    number = fields.Integer()
    kind = fields.String(metadata={"description": "product, brand, card or collection"})
    item_id = fields.String(metadata={"description": "empty where a broken thing's id can't be read"})
    name = fields.String(allow_none=True)
    change = fields.String(metadata={"description": "created, changed, returned, retired or broken"})
    fields_ = fields.Dict(
        keys=fields.String(),
        attribute="fields",
        data_key="fields",
        metadata={"description": "[before, after] by field; of what is broken the reason"},
    )


class SyncChangePageSchema(Schema):
    """Some of a run's changes."""

    data = fields.List(fields.Nested(SyncChangeSchema))
    next_cursor = fields.Integer(allow_none=True, metadata={"description": "the changes_cursor to go on with"})


class SyncRunDetailSchema(SyncRunSchema):
    """One run, with what it found different."""

    changes = fields.Nested(SyncChangePageSchema)


SyncRunPageSchema = page_of(SyncRunSchema)

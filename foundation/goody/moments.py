"""The moments we send to Goody, in UTC."""

from datetime import UTC, datetime


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC. One moment has many spellings; in UTC it has one, and a body stays the same."""
    if moment.tzinfo is None:
        raise ValueError("A moment sent to Goody must be aware: give it a time zone.")
    return moment.astimezone(UTC)

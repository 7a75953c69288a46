"""Until when a frozen order may be sent. Pure.

Past the moment that it was scheduled for, or at which its gift would expire, an order is looked up and sent no more:
the sender did not ask for a gift that comes late, or that nobody can accept.
"""

from datetime import datetime
from typing import Final

import msgspec


class _Times(msgspec.Struct):
    scheduled_send_on: datetime | None = None
    expires_at: datetime | None = None


_DECODER: Final = msgspec.json.Decoder(_Times)


def send_before(payload: bytes) -> datetime | None:
    """The earliest moment after which this frozen body of a POST must not be sent; None if it names none."""
    times = _DECODER.decode(payload)
    return min((moment for moment in (times.scheduled_send_on, times.expires_at) if moment is not None), default=None)


def scheduled_for(payload: bytes) -> datetime | None:
    """When Goody is to send it; None: at once."""
    return _DECODER.decode(payload).scheduled_send_on

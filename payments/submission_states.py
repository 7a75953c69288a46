"""The states of a submission, as one table of moves. Pure."""

from datetime import timedelta
from enum import StrEnum
from typing import Final


class Submission(StrEnum):
    """What is known of the POST that makes an order batch at Goody."""

    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SUBMITTED = "submitted"
    REJECTED = "rejected"


MOVES: Final = {
    Submission.PENDING: frozenset({Submission.SENDING, Submission.SUBMITTED}),
    # Back to pending: Goody refused the app's key, so nothing was made.
    Submission.SENDING: frozenset(Submission),
    Submission.UNKNOWN: frozenset({Submission.SENDING, Submission.SUBMITTED, Submission.REJECTED}),
    Submission.SUBMITTED: frozenset[Submission](),
    # A gift that turns out to exist is never denied, whatever was concluded before.
    Submission.REJECTED: frozenset({Submission.SUBMITTED}),
}

UNDECIDED: Final = (Submission.PENDING, Submission.SENDING, Submission.UNKNOWN)

ABSENCE_APART: Final = timedelta(minutes=2)
"""A batch has to be missing twice, this far apart, before a refused repeat counts as a refusal."""

LONGEST_BACK_OFF: Final = 30.0
LATER_BACK_OFF: Final = 300.0
EARLY_ATTEMPTS: Final = 20
"""Attempts within some ten minutes; after them the pace slows down."""
LONGEST_RETRY_AFTER: Final = 3600.0
"""One absurd `Retry-After` must not outlast the age at which an order is given up."""


def back_off(attempt: int, retry_after: float | None = None) -> timedelta:
    """How long to wait after this attempt came to nothing: doubling up to 30 s, five minutes after the twentieth.

    A `Retry-After` (in seconds) makes it longer, up to an hour.
    """
    seconds = LATER_BACK_OFF if attempt > EARLY_ATTEMPTS else min(float(1 << min(attempt, 8)), LONGEST_BACK_OFF)
    return timedelta(seconds=max(seconds, min(retry_after or 0.0, LONGEST_RETRY_AFTER)))

"""The three ends a request that changes something at Goody can come to: done, refused, or unknown.

Unknown is not failed: Goody may have acted. Whoever gets one asks again or looks, and never takes it for a no.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Generic, TypeAlias, TypeVar

from foundation.errors import GoodyUnreadableError
from foundation.goody.refusal import refusal_text
from foundation.http import Answer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """Goody did it, and said what it made."""

    value: T


@dataclass(frozen=True, slots=True)
class Refused:
    """Goody understood and said no; `message` is Goody's own text, for operators."""

    status: int
    message: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody here knows whether Goody did it. `retry_after` is in seconds, where Goody named it.

    `sent` is False only when the request certainly never reached Goody: such an attempt can't explain a later 400.
    """

    reason: str
    retry_after: float | None = None
    sent: bool = True


Outcome: TypeAlias = Done[T] | Refused | Unknown

# 4xx that speak of the moment and not of the request: the same request may pass later, or may have passed already.
PASSING: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


def outcome_of(answer: Answer, read: Callable[[bytes], T]) -> Outcome[T]:
    """What an answer means for the change that was asked for; `read` makes the value of a 2xx body."""
    if HTTPStatus(200) <= answer.status < HTTPStatus(300):
        try:
            return Done(read(answer.body))
        except GoodyUnreadableError as error:
            # It happened, only its description is lost: taking this for a failure would make the change twice.
            return Unknown(f"Goody answered {answer.status} with a body that can't be read: {error.detail}")
    if is_refusal(answer.status):
        return Refused(answer.status, refusal_text(answer.body))
    return Unknown(f"Goody answered {answer.status}", answer.retry_after)


def is_refusal(status: int) -> bool:
    """Whether a status is a no that the same request would get again."""
    return 400 <= status < 500 and status not in PASSING  # noqa: PLR2004

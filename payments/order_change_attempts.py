"""One attempt to change an order at Goody: ask, and read the order where the answer is no plain yes. Writes nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from foundation.errors import GoodyError, GoodyNotFoundError, GoodyUnauthorizedError, StorefrontError
from foundation.goody.client import GoodyClient
from foundation.goody.outcome import Done, Outcome, Refused, Unknown
from foundation.goody.resources import Order as GoodyOrder
from payments.lifecycle import read_status
from payments.order_change_states import ChangeState
from payments.order_wishes import ChangeRefusedError, Wish

AN_EARLIER_ATTEMPT: Final = Unknown("an earlier attempt came to no known end")
KEY_REFUSED: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Claim:
    """One attempt's hold on a change."""

    change_id: int
    app_id: str
    order_id: str
    wish: Wish
    attempt: int
    requested_at: datetime
    claimed_at: datetime
    is_past_sending: bool
    """Whether the wish is too old to be sent again."""

    @property
    def is_first(self) -> bool:
        """Whether nothing was ever sent before."""
        return self.attempt == 1


@dataclass(frozen=True, slots=True)
class Finding:
    """How an attempt ended: the state, the order as Goody told it last, and what went wrong."""

    state: ChangeState
    told: GoodyOrder | None = None
    is_read: bool = False
    """Whether the order comes from a read, not from the answer to the change itself."""
    problem: str | None = None
    retry_after: float | None = None
    error: StorefrontError | None = None
    """What a refusal is to the caller."""


def attempt(claim: Claim, goody: GoodyClient) -> Finding:
    """Look first where an earlier attempt may have acted; ask if there was none, or if it did nothing."""
    if not claim.is_first:
        found = _look(claim, goody, AN_EARLIER_ATTEMPT)
        if found.state is not ChangeState.UNKNOWN or found.told is None:
            return found
        if claim.is_past_sending:
            return Finding(ChangeState.ABANDONED, found.told, is_read=True, problem="too old to be sent again")
    outcome = claim.wish.send(goody, claim.order_id)
    if isinstance(outcome, Done) and claim.wish.is_met_by(outcome.value):
        return Finding(ChangeState.DONE, outcome.value)
    return _look(claim, goody, outcome)


def _look(claim: Claim, goody: GoodyClient, outcome: Outcome[GoodyOrder]) -> Finding:
    """What an outcome that is no plain yes comes to, by reading the order."""
    try:
        told = goody.order(claim.order_id)
    except GoodyError as error:
        return _unread(claim, outcome, error)
    if claim.wish.is_met_by(told):
        return Finding(ChangeState.DONE, told, is_read=True)
    status = read_status(told.status, has_payment_link=told.payment_link is not None)
    no = None if status is None else claim.wish.impossible(status)
    if no is None and isinstance(outcome, Refused):
        no = _refusal(outcome)
    state = ChangeState.UNKNOWN if no is None else ChangeState.REFUSED
    return Finding(state, told, is_read=True, problem=_problem(outcome), retry_after=_retry_after(outcome), error=no)


def _unread(claim: Claim, outcome: Outcome[GoodyOrder], error: GoodyError) -> Finding:
    """The order can't be read: only a no to the first request of all is certain."""
    is_certain = claim.is_first or isinstance(error, GoodyNotFoundError)
    if isinstance(outcome, Refused) and is_certain:
        return Finding(ChangeState.REFUSED, problem=_problem(outcome), error=_refusal(outcome))
    problem = f"{_problem(outcome)}; then the order could not be read: {error.detail}"
    return Finding(ChangeState.UNKNOWN, problem=problem, retry_after=_retry_after(outcome) or error.retry_after)


def _problem(outcome: Outcome[GoodyOrder]) -> str:
    if isinstance(outcome, Refused):
        return f"{outcome.status}: {outcome.message}"
    return outcome.reason if isinstance(outcome, Unknown) else "Goody said yes, and showed an order that is not so"


def _retry_after(outcome: Outcome[GoodyOrder]) -> float | None:
    return outcome.retry_after if isinstance(outcome, Unknown) else None


def _refusal(outcome: Refused) -> StorefrontError:
    if outcome.status in KEY_REFUSED:
        return GoodyUnauthorizedError(f"Goody answered {outcome.status} to a change.", status=outcome.status)
    return ChangeRefusedError(
        "The supplier refused this change, and the order is as it was. Look at the order; if it stays so, ask the "
        "supplier's support, with the order's reference_id."
    )

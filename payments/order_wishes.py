"""What can be asked of an order, beside ordering it: its cancellation, and another expiry. One class each."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from foundation.errors import ConflictError, StorefrontError
from foundation.goody.client import GoodyClient
from foundation.goody.outcome import Outcome
from foundation.goody.resources import Order as GoodyOrder
from payments.lifecycle import Status, read_status
from payments.order_change_states import CHANGEABLE
from payments.tables import Order, OrderChange
from payments.timeline import Step


class ChangeKind(StrEnum):
    """Which change."""

    CANCELLATION = "cancellation"
    EXPIRATION = "expiration"


class AlreadyAcceptedError(ConflictError):
    """The recipient has accepted the gift."""

    code = "already_accepted"


class OrderCanceledError(ConflictError):
    """The order is cancelled."""

    code = "order_canceled"


class BatchNotCancelableError(ConflictError):
    """Goody cancels orders, not batches."""

    code = "batch_not_cancelable"


class ChangeInProgressError(ConflictError):
    """Another change of this kind is under way."""

    code = "change_in_progress"


class ChangeRefusedError(StorefrontError):
    """Goody refused the change for good."""

    code = "rejected_by_supplier"


class Wish(Protocol):
    """A change, as far as one kind differs from another."""

    @property
    def kind(self) -> ChangeKind:
        """Which change it is."""

    @property
    def steps(self) -> "Steps":
        """How the timeline calls what becomes of it."""

    @property
    def wanted(self) -> dict[str, Any]:
        """What it asks for, as JSON shows it."""

    @property
    def expires_at(self) -> datetime | None:
        """The expiry that it asks for, if it is about that."""

    def is_met(self, order: Order) -> bool:
        """Whether the order, as known here, is as wished."""

    def is_met_by(self, told: GoodyOrder) -> bool:
        """Whether Goody tells of an order that is as wished."""

    def send(self, goody: GoodyClient, order_id: str) -> Outcome[GoodyOrder]:
        """Ask Goody, once."""

    def impossible(self, status: Status) -> StorefrontError | None:
        """Why it can't be any more where the order stands; None while it can."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The timeline's names of one kind's ends."""

    requested: Step
    unknown: Step
    refused: Step
    abandoned: Step


_CANCEL_STEPS: Final = Steps(Step.CANCEL_REQUESTED, Step.CANCEL_UNKNOWN, Step.CANCEL_REFUSED, Step.CANCEL_ABANDONED)
_EXPIRATION_STEPS: Final = Steps(
    Step.EXPIRATION_REQUESTED, Step.EXPIRATION_UNKNOWN, Step.EXPIRATION_REFUSED, Step.EXPIRATION_ABANDONED
)


@dataclass(frozen=True, slots=True)
class Cancellation:
    """That the gift be cancelled."""

    kind = ChangeKind.CANCELLATION
    steps = _CANCEL_STEPS
    expires_at = None

    @property
    def wanted(self) -> dict[str, Any]:
        """Nothing beside itself."""
        return {}

    def is_met(self, order: Order) -> bool:
        """Whether it is cancelled."""
        return order.status == Status.CANCELED

    def is_met_by(self, told: GoodyOrder) -> bool:
        """Whether Goody says so: `failed` or `canceled`."""
        return read_status(told.status) is Status.CANCELED

    def send(self, goody: GoodyClient, order_id: str) -> Outcome[GoodyOrder]:
        """Cancel it."""
        return goody.cancel_order(order_id)

    def impossible(self, status: Status) -> StorefrontError | None:
        """Goody cancels until acceptance."""
        if status in CHANGEABLE or status is Status.CANCELED:
            return None
        return AlreadyAcceptedError(
            f"The recipient has accepted this gift (it is {status}), so it can't be cancelled any more. "
            "Only Goody's support can still do something: write to them, with the order's reference_id."
        )


@dataclass(frozen=True, slots=True)
class Expiration:
    """That the gift expire at another moment, of whole seconds."""

    expires_at: datetime
    kind = ChangeKind.EXPIRATION
    steps = _EXPIRATION_STEPS

    @property
    def wanted(self) -> dict[str, Any]:
        """The moment."""
        return {"expires_at": self.expires_at.isoformat()}

    def is_met(self, order: Order) -> bool:
        """Whether it expires then."""
        return order.expires_at == self.expires_at

    def is_met_by(self, told: GoodyOrder) -> bool:
        """Whether Goody says so, to the second."""
        return told.expires_at is not None and told.expires_at.replace(microsecond=0) == self.expires_at

    def send(self, goody: GoodyClient, order_id: str) -> Outcome[GoodyOrder]:
        """Move it."""
        return goody.update_expiration(order_id, self.expires_at)

    def impossible(self, status: Status) -> StorefrontError | None:
        """What is accepted or cancelled expires no more."""
        if status in CHANGEABLE:
            return None
        if status is Status.CANCELED:
            return OrderCanceledError("The order is cancelled, so it does not expire. Make a new checkout.")
        return AlreadyAcceptedError("The recipient has accepted this gift, so it does not expire any more.")


def wish_of(change: OrderChange) -> Wish:
    """What a stored change asks for."""
    if change.kind == ChangeKind.CANCELLATION:
        return Cancellation()
    if change.expires_at is None:
        raise AssertionError(f"change {change.id} of an expiration names no moment")
    return Expiration(change.expires_at)

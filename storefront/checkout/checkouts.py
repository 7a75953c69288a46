"""Checkouts: make one, look at it, change it. Goody's price is asked with no transaction open."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Sessions
from foundation.encryption import fingerprint, matches
from foundation.errors import ConflictError, Fault, InvalidInputError, NotFoundError
from foundation.ids import new_id, new_token
from payments.queries import Orders, Owner
from payments.submission_states import Submission
from payments.tables import OrderBatch
from storefront.callers import Caller
from storefront.checkout.assessing import Assessment, Assessor
from storefront.checkout.draft import Draft, change_draft, read_draft, write_draft
from storefront.checkout.errors import (
    CheckoutChangedError,
    CheckoutExpiredError,
    CheckoutNotOverError,
    PreconditionFailedError,
)
from storefront.checkout.tables import Checkout

COMPLETED: Final = "The checkout is completed. Make a new one for another gift."
_WITH_BATCH: Final = (
    sa.select(Checkout, OrderBatch.id)
    .outerjoin(OrderBatch, OrderBatch.checkout_id == Checkout.id)
    .where(Checkout.id == sa.bindparam("checkout_id"))
)


class Checkouts:
    """Checkouts of every app."""

    def __init__(
        self,
        sessions: Sessions,
        assessor: Assessor,
        orders: Orders,
        lifetime_seconds: float,
        clock: Clock = utc_now,
    ) -> None:
        self._sessions = sessions
        self._assessor = assessor
        self._orders = orders
        self._lifetime = timedelta(seconds=lifetime_seconds)
        self._clock = clock

    def create(self, caller: Caller, data: dict[str, Any]) -> tuple[Checkout, str]:
        """A new checkout and its client secret. Problems with its content are kept in it, not raised.

        GoodyUnavailableError if its price can't be asked just now.
        """
        customer_id = data.pop("customer_id", None)
        if customer_id is not None and not caller.is_secret:
            fault = Fault("/customer_id", "not_allowed", "Only the secret key may say for which customer this is.")
            raise InvalidInputError("The checkout can't be made.", [fault])
        customer_id = caller.customer_id or customer_id
        return self._make(caller, read_draft(data), customer_id, is_changed_by_public=False)

    def copy(self, caller: Caller, checkout_id: str) -> tuple[Checkout, str]:
        """A new checkout with the content of one that is over (refused, or expired), and its client secret.

        CheckoutNotOverError while the first may still be ordered, or is: one wish never makes two gifts by itself.
        """
        seen = self.get(caller, checkout_id)
        batch = self.batch_of(seen)
        is_over = seen.expires_at <= self._clock() if batch is None else batch.submission_status == Submission.REJECTED
        if not is_over:
            raise CheckoutNotOverError(
                "This checkout is not over: complete it, or wait until its outcome is known. "
                "Only a refused or an expired one can be copied."
            )
        return self._make(
            caller, read_draft(seen.draft), seen.customer_id, is_changed_by_public=seen.is_changed_by_public
        )

    def _make(
        self, caller: Caller, draft: Draft, customer_id: str | None, *, is_changed_by_public: bool
    ) -> tuple[Checkout, str]:
        assessment = self._assessor.assess(caller, draft, customer_id)
        now = self._clock()
        checkout_id = new_id("chk")
        secret = f"{checkout_id}_secret_{new_token()}"
        checkout = Checkout(
            id=checkout_id,
            app_id=caller.app_id,
            customer_id=customer_id,
            secret_fingerprint=fingerprint(secret),
            version=0,
            is_changed_by_public=is_changed_by_public,
            created_at=now,
            expires_at=now + self._lifetime,
        )
        self._write(checkout, assessment, caller, now)
        with self._sessions.begin() as session:
            session.add(checkout)
        return checkout, secret

    def get(self, caller: Caller, checkout_id: str) -> Checkout:
        """The checkout of this id. NotFoundError if the caller has none such."""
        with self._sessions.read() as session:
            return _seen_by(caller, session.get(Checkout, checkout_id), checkout_id)

    def with_batch(self, caller: Caller, checkout_id: str) -> tuple[Checkout, str | None]:
        """The checkout, and the id of the batch that it has ordered, if it has, as of one moment. NotFoundError."""
        with self._sessions.glance() as session:
            row = session.execute(_WITH_BATCH, {"checkout_id": checkout_id}).one_or_none()
        checkout, batch_id = (None, None) if row is None else row
        return _seen_by(caller, checkout, checkout_id), batch_id

    def of_secret(self, app_id: str, secret: str) -> str | None:
        """The id of the app's checkout whose client secret this is; None if it is none's."""
        checkout_id = secret.partition("_secret_")[0]
        with self._sessions.read() as session:
            checkout = session.get(Checkout, checkout_id)
        if checkout is None or checkout.app_id != app_id or not matches(secret, checkout.secret_fingerprint):
            return None
        return checkout.id

    def batch_of(self, checkout: Checkout) -> OrderBatch | None:
        """What the checkout has ordered, if anything."""
        return self._orders.batch_of_checkout(Owner(checkout.app_id), checkout.id)

    def change(self, caller: Caller, checkout_id: str, data: dict[str, Any], version: int | None) -> Checkout:
        """Replace the fields given; any change makes a new quote. ConflictError once it is being ordered."""
        checkout = self.get(caller, checkout_id)
        if version is not None and version != checkout.version:
            raise PreconditionFailedError("The checkout has changed since. Read it again, then repeat the change.")
        if self.batch_of(checkout) is not None:
            raise ConflictError(COMPLETED)
        self.must_not_be_expired(checkout)
        draft = change_draft(checkout.draft, data)
        return self._save(checkout, self._assessor.assess(caller, draft, checkout.customer_id), caller)

    def renew_quote(self, caller: Caller, checkout: Checkout) -> Checkout:
        """The same content with a new quote. ConflictError if somebody changed or ordered it meanwhile."""
        assessment = self._assessor.assess(caller, read_draft(checkout.draft), checkout.customer_id)
        return self._save(checkout, assessment, caller, is_change=False)

    def _save(self, seen: Checkout, assessment: Assessment, caller: Caller, *, is_change: bool = True) -> Checkout:
        """Write the assessment, unless the checkout was changed or ordered since it was seen."""
        with self._sessions.begin() as session:
            checkout = session.get_one(Checkout, seen.id, with_for_update=True)
            if checkout.version != seen.version:
                raise CheckoutChangedError("The checkout changed meanwhile. Read it again, then repeat.")
            # Whoever orders holds this row until the batch is written.
            if session.scalar(sa.select(OrderBatch.id).where(OrderBatch.checkout_id == seen.id)) is not None:
                raise ConflictError(COMPLETED)
            self._write(checkout, assessment, caller, self._clock(), is_change=is_change)
        return checkout

    @staticmethod
    def _write(
        checkout: Checkout, assessment: Assessment, caller: Caller, now: datetime, *, is_change: bool = True
    ) -> None:
        checkout.version += 1
        checkout.payment_mode = assessment.draft.payment_mode
        checkout.draft = write_draft(assessment.draft)
        checkout.problems = [asdict(problem) for problem in assessment.problems]
        checkout.lines = [asdict(line) for line in assessment.lines]
        checkout.quote = assessment.quote
        checkout.is_changed_by_public = checkout.is_changed_by_public or (is_change and not caller.is_secret)
        checkout.updated_at = now

    def must_not_be_expired(self, checkout: Checkout) -> None:
        """CheckoutExpiredError if it was left alone for too long."""
        if checkout.expires_at <= self._clock():
            raise CheckoutExpiredError("The checkout has expired. Make a new one.")


def _seen_by(caller: Caller, checkout: Checkout | None, checkout_id: str) -> Checkout:
    """The checkout, if it is there and the caller's to see; else NotFoundError."""
    if (
        checkout is None
        or checkout.app_id != caller.app_id
        or caller.checkout_id not in {None, checkout.id}
        or caller.customer_id not in {None, checkout.customer_id}
    ):
        raise NotFoundError(f"There is no checkout {checkout_id}.")
    return checkout

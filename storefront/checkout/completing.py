"""Completing a checkout: everything that must hold is looked at, the order is placed, then sent.

Three phases, of which the remote calls (a new quote, the balance, the submission) have no transaction open.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from foundation.app_policy import Caps
from foundation.apps import Apps, PartnerApp
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions
from foundation.errors import Fault, ForbiddenError, InvalidInputError
from foundation.money import Cents
from payments.modes import RULES, PaymentMode
from payments.placing import Line, NewOrder, highest_each, place
from payments.queries import Orders, Owner
from payments.stored_value import InsufficientStoredValueError, StoredValueAccounts, must_cover
from payments.submission import Submissions
from payments.submission_states import Submission
from payments.tables import OrderBatch
from payments.volume import must_fit_today
from storefront.callers import Caller
from storefront.checkout.assessing import Assessor
from storefront.checkout.checkouts import Checkouts
from storefront.checkout.draft import read_draft
from storefront.checkout.errors import (
    CheckoutChangedError,
    PaymentModeError,
    ProductUnavailableError,
    QuoteChangedError,
    QuoteRequiredError,
    RejectedBySupplierError,
)
from storefront.checkout.quoting import freeze_lines, is_expired
from storefront.checkout.tables import Checkout


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a caller agrees to, and has captured by itself. Amounts in US cents."""

    payment_mode: str
    quote_id: str | None = None
    accept_total_high: Cents | None = None
    payment_reference: str | None = None
    payment_amount: Cents | None = None


class Completion:
    """Completes checkouts, once each."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        apps: Apps,
        checkouts: Checkouts,
        assessor: Assessor,
        orders: Orders,
        submissions: Submissions,
        stored_value: StoredValueAccounts,
        clock: Clock = utc_now,
    ) -> None:
        self._sessions = sessions
        self._apps = apps
        self._checkouts = checkouts
        self._assessor = assessor
        self._orders = orders
        self._submissions = submissions
        self._stored_value = stored_value
        self._clock = clock

    def complete(self, caller: Caller, checkout_id: str, agreement: Agreement) -> OrderBatch:
        """Order it, once; returns the batch whatever is known of it. A second call returns the same batch.

        RejectedBySupplierError if Goody refused it; QuoteChangedError and others if nothing was sent.
        """
        checkout = self._checkouts.get(caller, checkout_id)
        batch = self._checkouts.batch_of(checkout)
        if batch is None:
            batch_id = self._order(caller, checkout, agreement)
            self._submissions.submit(batch_id)
            batch = self._orders.batch(Owner(caller.app_id), batch_id)
        if batch.submission_status == Submission.REJECTED:
            raise RejectedBySupplierError(
                "The supplier refused this order; nothing was ordered and nothing is charged. "
                "Make a new checkout, perhaps with other products."
            )
        return batch

    def _order(self, caller: Caller, checkout: Checkout, agreement: Agreement) -> str:
        """Everything that must hold before an order is placed; then place it. Returns the batch's id."""
        self._checkouts.must_not_be_expired(checkout)
        _must_be_allowed(caller, checkout, agreement)
        draft = read_draft(checkout.draft)
        sellable = self._assessor.sellable(caller.app_id, draft)
        problems = self._assessor.problems(caller, draft, sellable)
        gone = [problem for problem in problems if problem.code == "product_unavailable"]
        if gone:
            raise ProductUnavailableError("A product has left the catalog. Nothing was ordered.", gone)
        if not problems:
            self._must_be_agreed(caller, checkout, freeze_lines(draft, sellable), agreement)
            # What only the quote could tell, such as a total above the app's cap.
            problems = [Fault(**problem) for problem in checkout.problems]
        if problems:
            raise InvalidInputError("The checkout is not ready to be completed. Nothing was ordered.", problems)
        return self._place(checkout, agreement)

    def _must_be_agreed(self, caller: Caller, checkout: Checkout, frozen: Sequence[Line], agreement: Agreement) -> None:
        quote = checkout.quote
        lines = [asdict(line) for line in frozen]
        # What JSON made of the lines: tuples became lists.
        stored = [{**line, "variants": tuple(line["variants"])} for line in checkout.lines]
        if quote is None or is_expired(quote, self._clock()) or lines != stored:
            raise QuoteChangedError(
                "The price has changed or its quote has expired. Show the new quote, then complete again.",
                self._checkouts.renew_quote(caller, checkout).quote,
            )
        if agreement.quote_id is not None and agreement.quote_id != quote["id"]:
            raise QuoteChangedError("Another quote has replaced this one. Show it, then complete again.", quote)
        high = agreement.accept_total_high
        if high is not None and quote["total"]["total_high"] > high:
            raise QuoteChangedError(
                "The total may exceed what was accepted. Show the quote, then complete again.", quote
            )

    def _place(self, checkout: Checkout, agreement: Agreement) -> str:
        app = self._apps.get(checkout.app_id)
        spends_balance = RULES[PaymentMode(checkout.payment_mode)].spends_balance
        asked_at = self._clock()
        balance = self._stored_value.balance(app.id) if spends_balance else None
        try:
            with self._sessions.begin() as session:
                current = session.get_one(Checkout, checkout.id, with_for_update=True)
                if current.version != checkout.version:
                    raise CheckoutChangedError("The checkout changed while it was being completed. Try again.")
                placed_id = session.scalar(sa.select(OrderBatch.id).where(OrderBatch.checkout_id == checkout.id))
                if placed_id is not None:
                    # Somebody else completed it in this very moment: theirs is the batch.
                    return placed_id
                return self._place_in(
                    session, app, checkout, agreement, None if balance is None else (balance, asked_at)
                )
        except IntegrityError:
            # The same, seen by the database's own guard.
            placed = self._checkouts.batch_of(checkout)
            if placed is None:
                raise
            return placed.id

    def _place_in(
        self,
        session: Session,
        app: PartnerApp,
        checkout: Checkout,
        agreement: Agreement,
        balance: tuple[Cents, datetime] | None,
    ) -> str:
        now = self._clock()
        draft = read_draft(checkout.draft)
        quote = checkout.quote or {}
        high = highest_each(quote, len(draft.recipients)) * len(draft.recipients)
        spent = high if balance is not None else 0
        must_fit_today(session, app.id, Caps.read(app.caps), sends=len(draft.recipients), spent=spent, now=now)
        warnings = () if balance is None else _cover(session, app, *balance, high, now)
        order = NewOrder(
            app_id=app.id,
            checkout_id=checkout.id,
            customer_id=checkout.customer_id,
            payment_mode=PaymentMode(checkout.payment_mode),
            lines=[Line(**{**line, "variants": tuple(line["variants"])}) for line in checkout.lines],
            gift=draft.gift,
            quote=quote,
            payment_reference=agreement.payment_reference,
            payment_amount=agreement.payment_amount,
            warnings=warnings,
        )
        return place(session, order, now)


def _must_be_allowed(caller: Caller, checkout: Checkout, agreement: Agreement) -> None:
    """The mode is the checkout's, the caller may complete it, and a shopper's cart is agreed to by its quote."""
    if agreement.payment_mode != checkout.payment_mode:
        raise PaymentModeError(f"This checkout is for {checkout.payment_mode}. Complete it so, or change it first.")
    rules = RULES[PaymentMode(checkout.payment_mode)]
    if not rules.completed_by_shopper and not caller.is_secret:
        raise ForbiddenError(f"Only the secret key completes {checkout.payment_mode}: call it from your backend.")
    if rules.spends_balance and checkout.is_changed_by_public and agreement.quote_id is None:
        raise QuoteRequiredError(
            "A shopper had a hand in this checkout: send the quote_id that you agree to, lest its content changes "
            "between your look and your yes."
        )
    if not rules.spends_balance and (agreement.payment_amount is not None or agreement.payment_reference is not None):
        detail = f"Goody charges the shopper in {checkout.payment_mode}: there is nothing that you captured."
        faults = [Fault("/payment_amount", "not_in_this_mode", detail)]
        raise InvalidInputError("The checkout can't be completed so. Nothing was ordered.", faults)


def _cover(
    session: Session, app: PartnerApp, balance: Cents, asked_at: datetime, amount: Cents, now: datetime
) -> Sequence[str]:
    """See that the balance covers it; a warning instead of a refusal where the app chose so."""
    try:
        must_cover(session, app.id, balance, asked_at, amount, now)
    except InsufficientStoredValueError as error:
        if not app.is_overdraft_allowed:
            raise
        return (error.code,)
    return ()

"""Completing a checkout: everything that must hold is looked at, the order is placed, then sent.

Three phases, of which the remote calls (a new quote, the balance, the submission) have no transaction open.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from foundation.app_policy import Caps
from foundation.apps import Apps, PartnerApp
from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions, table_of
from foundation.errors import Fault, InvalidInputError, StorefrontError
from foundation.goody.refusal import is_decline
from foundation.money import Cents
from payments.cards import DECLINED, CardDeclinedError, is_saved
from payments.claiming import Claim
from payments.modes import RULES, PaymentMode
from payments.placing import Line, NewOrder, highest_each, place
from payments.queries import Orders, Owner, first_of
from payments.stored_value import InsufficientStoredValueError, StoredValueAccounts, must_cover
from payments.submission import Submissions
from payments.submission_states import Submission
from payments.tables import Order, OrderBatch
from payments.volume import must_fit_today
from storefront.callers import Caller
from storefront.checkout.agreement import Agreement, must_be_allowed
from storefront.checkout.assessing import Assessor, over_total
from storefront.checkout.checkouts import Checkouts
from storefront.checkout.draft import read_draft
from storefront.checkout.errors import (
    CheckoutChangedError,
    ProductUnavailableError,
    QuoteChangedError,
    RejectedBySupplierError,
)
from storefront.checkout.quoting import freeze_lines, is_expired
from storefront.checkout.tables import Checkout

_CHECKOUTS: Final = table_of(Checkout)
_VERSION: Final[sa.Select[int]] = (
    sa.select(_CHECKOUTS.c.version).where(_CHECKOUTS.c.id == sa.bindparam("checkout_id")).with_for_update()
)
_BATCHES: Final = table_of(OrderBatch)
_PLACED: Final[sa.Select[str]] = sa.select(_BATCHES.c.id).where(_BATCHES.c.checkout_id == sa.bindparam("checkout_id"))


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

    def complete(self, caller: Caller, checkout_id: str, agreement: Agreement) -> tuple[OrderBatch, Sequence[Order]]:
        """Order it, once; the batch whatever is known of it, with its first orders. A second call returns the same.

        RejectedBySupplierError or CardDeclinedError if Goody refused it; others, QuoteChangedError among them, if
        nothing was sent.
        """
        checkout, batch_id = self._checkouts.with_batch(caller, checkout_id)
        claimed = None
        if batch_id is None:
            batch_id, claimed = self._order(caller, checkout, agreement)
        batch, orders = self._read(caller, batch_id) if claimed is None else self._attempt(claimed)
        if batch.submission_status == Submission.REJECTED:
            raise _refusal(batch)
        return batch, orders

    def _read(self, caller: Caller, batch_id: str) -> tuple[OrderBatch, Sequence[Order]]:
        return self._orders.whole_batch(Owner(caller.app_id), batch_id)

    def _attempt(self, claimed: Claim) -> tuple[OrderBatch, Sequence[Order]]:
        attempted = self._submissions.attempt(claimed)
        if attempted.orders is not None:
            return attempted.batch, first_of(attempted.orders)
        return attempted.batch, self._orders.of_batch(Owner(claimed.app_id), claimed.batch_id)

    def _order(self, caller: Caller, checkout: Checkout, agreement: Agreement) -> tuple[str, Claim | None]:
        """Everything that must hold before an order is placed; then place it. Returns as `_place` does."""
        self._checkouts.must_not_be_expired(checkout)
        must_be_allowed(caller, checkout, agreement)
        draft = read_draft(checkout.draft)
        sellable = self._assessor.sellable(caller.app_id, draft)
        app = self._apps.get(caller.app_id)
        problems = self._assessor.problems(app, caller, draft, sellable, checkout.customer_id)
        gone = [problem for problem in problems if problem.code == "product_unavailable"]
        if gone:
            raise ProductUnavailableError("A product has left the catalog. Nothing was ordered.", gone)
        if not problems:
            quote = self._must_be_agreed(caller, checkout, freeze_lines(draft, sellable), agreement)
            # By the caps of now: they may have been raised, or lowered, since the quote was made.
            problems = over_total(quote, Caps.read(app.caps))
        if problems:
            raise InvalidInputError("The checkout is not ready to be completed. Nothing was ordered.", problems)
        return self._place(app, checkout, agreement)

    def _must_be_agreed(
        self, caller: Caller, checkout: Checkout, frozen: Sequence[Line], agreement: Agreement
    ) -> dict[str, Any]:
        """The quote, which must be of now and the one that the caller agreed to."""
        quote = checkout.quote
        lines = [asdict(line) for line in frozen]
        # What JSON made of the lines: tuples became lists.
        stored = [{**line, "variants": tuple(line["variants"])} for line in checkout.lines]
        if quote is None or is_expired(quote, self._clock()) or lines != stored:
            raise self._stale(caller, checkout)
        if agreement.quote_id is not None and agreement.quote_id != quote["id"]:
            raise QuoteChangedError("Another quote has replaced this one. Show it, then complete again.", quote)
        high = agreement.accept_total_high
        if high is not None and quote["total"]["total_high"] > high:
            raise QuoteChangedError(
                "The total may exceed what was accepted. Show the quote, then complete again.", quote
            )
        return quote

    def _stale(self, caller: Caller, checkout: Checkout) -> StorefrontError:
        """Renew the quote; what to tell the caller of it."""
        renewed = self._checkouts.renew_quote(caller, checkout)
        if renewed.quote is None:
            problems = [Fault(**problem) for problem in renewed.problems]
            return InvalidInputError("The checkout is not ready to be completed. Nothing was ordered.", problems)
        return QuoteChangedError(
            "The price has changed or its quote has expired. Show the new quote, then complete again.", renewed.quote
        )

    def _place(self, app: PartnerApp, checkout: Checkout, agreement: Agreement) -> tuple[str, Claim | None]:
        """Commit the order, claimed for its first attempt; the batch's id, and the claim unless another has placed it.

        Placed and claimed at once, it is never seen by the sweep before its own process has tried.
        """
        spends_balance = RULES[PaymentMode(checkout.payment_mode)].spends_balance
        asked_at = self._clock()
        balance = self._stored_value.balance(app.id) if spends_balance else None
        try:
            with self._sessions.begin() as session:
                if session.scalar(_VERSION, {"checkout_id": checkout.id}) != checkout.version:
                    raise CheckoutChangedError("The checkout changed while it was being completed. Try again.")
                placed_id = session.scalar(_PLACED, {"checkout_id": checkout.id})
                if placed_id is not None:
                    # Somebody else completed it in this very moment: theirs is the batch.
                    return placed_id, None
                batch_id = self._place_in(
                    session, app, checkout, agreement, None if balance is None else (balance, asked_at)
                )
                return batch_id, self._submissions.claim(session, batch_id)
        except IntegrityError:
            # The same, seen by the database's own guard.
            placed = self._checkouts.batch_of(checkout)
            if placed is None:
                raise
            return placed.id, None

    def _place_in(
        self,
        session: Session,
        app: PartnerApp,
        checkout: Checkout,
        agreement: Agreement,
        balance: tuple[Cents, datetime] | None,
    ) -> str:
        now = self._clock()
        _must_be_saved(session, checkout, agreement)
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
            card_id=agreement.payment_method_id,
        )
        return place(session, order, now)


def _must_be_saved(session: Session, checkout: Checkout, agreement: Agreement) -> None:
    """A card is charged only if it was saved for this app and this customer; and it stays so until this commits."""
    card_id = agreement.payment_method_id
    if card_id is None or is_saved(session, checkout.app_id, checkout.customer_id, card_id):
        return
    detail = "This customer has no such saved card. GET /v1/payment_methods lists them."
    faults = [Fault("/payment_method_id", "unknown_payment_method", detail)]
    raise InvalidInputError("The checkout can't be completed so. Nothing was ordered.", faults)


def _refusal(batch: OrderBatch) -> StorefrontError:
    """What Goody's no to a batch is to the caller; a decline alone in Goody's words, which are for the shopper."""
    if batch.payment_mode == PaymentMode.CARD and is_decline(batch.last_problem or ""):
        return CardDeclinedError(DECLINED)
    return RejectedBySupplierError(
        "The supplier refused this order; nothing was ordered and nothing is charged. "
        "Make a new checkout, perhaps with other products."
    )


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

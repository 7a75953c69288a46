"""The use cases of checkout: make one, look at it, change it, complete it.

Each is phases around Goody's price operation or the submission, which run with no transaction open.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from catalog_sync.browse import Catalog, SellableItem
from foundation.apps import Apps
from foundation.clock import Clock, utc_now
from foundation.database import Sessions
from foundation.encryption import fingerprint, matches
from foundation.errors import (
    ConflictError,
    Fault,
    GoodyRefusedError,
    GoodyUnauthorizedError,
    InvalidInputError,
    NotFoundError,
)
from foundation.goody.client import GoodyClient
from foundation.ids import new_id, new_token
from payments.modes import PaymentMode
from payments.placing import Line, NewOrder, place
from payments.queries import Orders, Owner
from payments.submission import Submissions
from payments.submission_states import Submission
from payments.tables import OrderBatch
from storefront.callers import Caller
from storefront.checkout.checks import Circumstances, find_problems
from storefront.checkout.draft import Draft, read_draft, write_draft
from storefront.checkout.errors import (
    CheckoutChangedError,
    CheckoutExpiredError,
    PaymentModeError,
    PreconditionFailedError,
    ProductUnavailableError,
    QuoteChangedError,
    RejectedBySupplierError,
)
from storefront.checkout.quoting import can_be_priced, freeze_lines, is_expired, make_quote
from storefront.checkout.tables import Checkout

COMPLETED: Final = "The checkout is completed. Make a new one for another gift."


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long things hold, in seconds."""

    quote: float
    checkout: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a caller agrees to when completing. `accept_total_high` is in US cents."""

    payment_mode: str
    quote_id: str | None = None
    accept_total_high: int | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """A draft, held against the catalog and priced."""

    draft: Draft
    problems: list[Fault]
    lines: list[Line]
    quote: dict[str, Any] | None


class Checkouts:
    """Checkouts of every app."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        apps: Apps,
        catalog: Catalog,
        goody: Callable[[str], GoodyClient],
        submissions: Submissions,
        orders: Orders,
        lifetimes: Lifetimes,
        clock: Clock = utc_now,
    ) -> None:
        self._sessions = sessions
        self._apps = apps
        self._catalog = catalog
        self._goody = goody
        self._submissions = submissions
        self._orders = orders
        self._lifetimes = lifetimes
        self._clock = clock

    def create(self, caller: Caller, data: dict[str, Any]) -> tuple[Checkout, str]:
        """A new checkout and its client secret. Problems with its content are kept in it, not raised.

        GoodyUnavailableError if its price can't be asked just now.
        """
        customer_id = data.pop("customer_id", None)
        if customer_id is not None and not caller.is_secret:
            fault = Fault("/customer_id", "not_allowed", "Only the secret key may say for which customer this is.")
            raise InvalidInputError("The checkout can't be made.", [fault])
        assessment = self._assess(caller, read_draft(data))
        now = self._clock()
        checkout_id = new_id("chk")
        secret = f"{checkout_id}_secret_{new_token()}"
        checkout = Checkout(
            id=checkout_id,
            app_id=caller.app_id,
            customer_id=customer_id,
            secret_fingerprint=fingerprint(secret),
            version=0,
            is_changed_by_public=False,
            created_at=now,
            expires_at=now + timedelta(seconds=self._lifetimes.checkout),
        )
        self._write(checkout, assessment, caller, now)
        with self._sessions.begin() as session:
            session.add(checkout)
        return checkout, secret

    def get(self, caller: Caller, checkout_id: str) -> Checkout:
        """The checkout of this id. NotFoundError if the caller has none such."""
        with self._sessions.read() as session:
            checkout = session.get(Checkout, checkout_id)
        is_seen = checkout is not None and checkout.app_id == caller.app_id
        if checkout is None or not is_seen or caller.checkout_id not in {None, checkout_id}:
            raise NotFoundError(f"There is no checkout {checkout_id}.")
        return checkout

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
        self._must_not_be_expired(checkout)
        draft = read_draft({**checkout.draft, **data})
        return self._save(checkout, self._assess(caller, draft), caller)

    def complete(self, caller: Caller, checkout_id: str, agreement: Agreement) -> OrderBatch:
        """Order it, once; returns the batch whatever is known of it. A second call returns the same batch.

        RejectedBySupplierError if Goody refused it; QuoteChangedError and others if nothing was sent.
        """
        checkout = self.get(caller, checkout_id)
        batch = self.batch_of(checkout)
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
        self._must_not_be_expired(checkout)
        if agreement.payment_mode != checkout.payment_mode:
            raise PaymentModeError(f"This checkout is for {checkout.payment_mode}. Complete it so, or change it first.")
        draft = read_draft(checkout.draft)
        sellable = self._sellable(caller.app_id, draft)
        problems = self._problems(caller, draft, sellable)
        gone = [problem for problem in problems if problem.code == "product_unavailable"]
        if gone:
            raise ProductUnavailableError("A product has left the catalog. Nothing was ordered.", gone)
        if problems:
            raise InvalidInputError("The checkout is not ready to be completed. Nothing was ordered.", problems)
        self._must_be_agreed(caller, checkout, freeze_lines(draft, sellable), agreement)
        return self._place(checkout)

    def _must_be_agreed(self, caller: Caller, checkout: Checkout, frozen: Sequence[Line], agreement: Agreement) -> None:
        quote = checkout.quote
        lines = [asdict(line) for line in frozen]
        # What JSON made of the lines: tuples became lists.
        stored = [{**line, "variants": tuple(line["variants"])} for line in checkout.lines]
        if quote is None or is_expired(quote, self._clock()) or lines != stored:
            assessment = self._assess(caller, read_draft(checkout.draft))
            renewed = self._save(checkout, assessment, caller, is_change=False)
            raise QuoteChangedError(
                "The price has changed or its quote has expired. Show the new quote, then complete again.",
                renewed.quote,
            )
        if agreement.quote_id is not None and agreement.quote_id != quote["id"]:
            raise QuoteChangedError("Another quote has replaced this one. Show it, then complete again.", quote)
        high = agreement.accept_total_high
        if high is not None and quote["total"]["total_high"] > high:
            raise QuoteChangedError(
                "The total may exceed what was accepted. Show the quote, then complete again.", quote
            )

    def _place(self, checkout: Checkout) -> str:
        draft = read_draft(checkout.draft)
        order = NewOrder(
            app_id=checkout.app_id,
            checkout_id=checkout.id,
            customer_id=checkout.customer_id,
            payment_mode=PaymentMode(checkout.payment_mode),
            lines=[Line(**{**line, "variants": tuple(line["variants"])}) for line in checkout.lines],
            gift=draft.gift,
            quote=checkout.quote or {},
        )
        try:
            with self._sessions.begin() as session:
                current = session.get_one(Checkout, checkout.id, with_for_update=True)
                if current.version != checkout.version:
                    raise CheckoutChangedError("The checkout changed while it was being completed. Try again.")
                return place(session, order, self._clock())
        except IntegrityError:
            # Somebody else completed it in this very moment: theirs is the batch.
            placed = self.batch_of(checkout)
            if placed is None:
                raise
            return placed.id

    def _assess(self, caller: Caller, draft: Draft) -> Assessment:
        sellable = self._sellable(caller.app_id, draft)
        problems = self._problems(caller, draft, sellable)
        if not can_be_priced(problems):
            return Assessment(draft, problems, [], None)
        try:
            price = self._goody(caller.app_id).price(draft.price_input)
        except GoodyUnauthorizedError:
            # The app's key is at fault, which no choice of items mends.
            raise
        except GoodyRefusedError:
            refusal = Fault("", "not_priced", "The supplier does not sell this as it stands. Change its items.")
            return Assessment(draft, [*problems, refusal], [], None)
        return Assessment(
            draft, problems, freeze_lines(draft, sellable), make_quote(price, self._clock(), self._lifetimes.quote)
        )

    def _problems(self, caller: Caller, draft: Draft, sellable: Mapping[str, SellableItem]) -> list[Fault]:
        given = Circumstances(
            sellable=sellable,
            has_card=draft.card_id is None or self._catalog.has_card(caller.app_id, draft.card_id),
            capabilities=frozenset(self._apps.get(caller.app_id).capabilities),
            is_guest=caller.is_guest,
            now=self._clock(),
        )
        return find_problems(draft, given)

    def _sellable(self, app_id: str, draft: Draft) -> dict[str, SellableItem]:
        return self._catalog.sellable(app_id, [item.product_id for item in draft.items])

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

    def _must_not_be_expired(self, checkout: Checkout) -> None:
        if checkout.expires_at <= self._clock():
            raise CheckoutExpiredError("The checkout has expired. Make a new one.")

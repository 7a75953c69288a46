"""Saved cards of customers. The card form gives a key, Goody makes an id of it; the card's data never comes here."""

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from foundation.clock import Clock, utc_now
from foundation.database import Session, Sessions, insert
from foundation.errors import GoodyUnauthorizedError, NotFoundError, StorefrontError
from foundation.goody.client import GoodyClient
from foundation.goody.outcome import Done, Refused
from foundation.goody.payloads import BillingAddress, UserCardInput
from foundation.goody.refusal import is_decline
from foundation.logs import get_logger
from payments.tables import SavedCard

log = get_logger(__name__)

DECLINED: Final = "Your card was declined."
"""Goody's words, and the only ones of its refusals that a shopper is to see."""


class CardDeclinedError(StorefrontError):
    """The card was declined; the detail is meant for the shopper."""

    code = "card_declined"


class CardRefusedError(StorefrontError):
    """Goody did not take the card, for another reason."""

    code = "card_refused"


class CardSaveUnknownError(StorefrontError):
    """Nobody here knows whether Goody saved the card."""

    code = "card_save_unknown"


class Cards:
    """The saved cards of every app's customers."""

    def __init__(self, sessions: Sessions, goody: Callable[[str], GoodyClient], clock: Clock = utc_now) -> None:
        self._sessions = sessions
        self._goody = goody
        self._clock = clock

    def save(self, app_id: str, customer_id: str, key: str, cardholder_name: str, address: BillingAddress) -> SavedCard:
        """Save the card that the form's key stands for, as this customer's.

        CardDeclinedError, CardRefusedError, or CardSaveUnknownError where the outcome is lost: no operation of Goody's
        lists such cards, so it can't be found again. Nothing is charged by saving, so it is harmless to save anew.
        """
        outcome = self._goody(app_id).save_card(UserCardInput(cardholder_name, customer_id, key, address))
        if isinstance(outcome, Refused):
            raise _refusal(outcome)
        if not isinstance(outcome, Done):
            log.warning("whether a card was saved is not known", app=app_id, why=outcome.reason)
            raise CardSaveUnknownError(
                "It is not known whether the card was saved. Nothing was charged. Get a new interim_card_key from the "
                "card form and save the card again: at worst the supplier keeps one that is never charged.",
                retry_after=outcome.retry_after,
            )
        card, now = outcome.value, self._clock()
        looks = {"brand": card.brand, "last_4": card.last_4, "exp_month": card.exp_month, "exp_year": card.exp_year}
        with self._sessions.begin() as session:
            row = {"app_id": app_id, "id": card.id, "customer_id": customer_id, "created_at": now, **looks}
            session.execute(insert(session, SavedCard).values(**row).on_conflict_do_nothing())
            return session.get_one(SavedCard, (app_id, card.id))

    def of_customer(self, app_id: str, customer_id: str) -> list[SavedCard]:
        """The customer's cards, newest first."""
        mine = sa.select(SavedCard).where(SavedCard.app_id == app_id, SavedCard.customer_id == customer_id)
        with self._sessions.read() as session:
            return list(session.scalars(mine.order_by(SavedCard.created_at.desc(), SavedCard.id)))

    def forget(self, app_id: str, customer_id: str, card_id: str) -> None:
        """Forget a card here. Goody keeps its own record of it: none of its operations deletes one. NotFoundError."""
        with self._sessions.begin() as session:
            mine = sa.delete(SavedCard).where(*_is(app_id, customer_id, card_id)).returning(SavedCard.id)
            if session.execute(mine).scalar() is None:
                raise NotFoundError(f"There is no saved card {card_id}.")


def is_saved(session: Session, app_id: str, customer_id: str | None, card_id: str) -> bool:
    """Whether the card is one that was saved for this app and this customer, and not forgotten since."""
    if customer_id is None:
        return False
    mine = sa.select(SavedCard.id).where(*_is(app_id, customer_id, card_id))
    return session.scalar(mine.with_for_update()) is not None


def _is(app_id: str, customer_id: str, card_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return SavedCard.app_id == app_id, SavedCard.customer_id == customer_id, SavedCard.id == card_id


def _refusal(outcome: Refused) -> StorefrontError:
    if is_decline(outcome.message):
        return CardDeclinedError(DECLINED)
    if outcome.status in {401, 403}:
        return GoodyUnauthorizedError(f"Goody answered {outcome.status} to saving a card.", status=outcome.status)
    log.warning("Goody did not take a card", status=outcome.status)
    return CardRefusedError(
        "The supplier did not take the card. Check the name and the billing address, get a new interim_card_key from "
        "the card form, and try again."
    )

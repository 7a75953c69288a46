"""How much an app has ordered today (UTC), held against its caps."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from foundation.app_policy import Caps
from foundation.apps import PartnerApp
from foundation.database import Session
from foundation.errors import ConflictError
from foundation.money import Cents, show
from payments.modes import PaymentMode
from payments.submission_states import Submission
from payments.tables import OrderBatch


class DailyCapError(ConflictError):
    """The app's cap for today is reached."""

    code = "daily_cap_reached"


def must_fit_today(session: Session, app_id: str, caps: Caps, *, sends: int, spent: Cents, now: datetime) -> None:
    """DailyCapError if so many more gifts, or so much more stored value (US cents), would exceed a cap of today.

    Other completions of the app wait until this transaction ends, so that two can't both take the last of it.
    """
    if caps.sends_per_day is None and caps.stored_value_per_day is None:
        return
    session.execute(sa.select(PartnerApp.id).where(PartnerApp.id == app_id).with_for_update())
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    highest = OrderBatch.recipients_count * OrderBatch.expected_high
    of_balance = sa.case((OrderBatch.payment_mode == PaymentMode.STORED_VALUE, highest), else_=0)
    today = sa.select(sa.func.sum(OrderBatch.recipients_count), sa.func.sum(of_balance)).where(
        OrderBatch.app_id == app_id,
        OrderBatch.created_at >= midnight,
        OrderBatch.submission_status != Submission.REJECTED,
    )
    sent, committed = (int(total or 0) for total in session.execute(today).one())
    until_tomorrow = (midnight + timedelta(days=1) - now).total_seconds()
    if caps.sends_per_day is not None and sent + sends > caps.sends_per_day:
        raise DailyCapError(
            f"This app sends {caps.sends_per_day} gifts a day at most, and {sent} went out today. Nothing was ordered.",
            retry_after=until_tomorrow,
        )
    if spent and caps.stored_value_per_day is not None and committed + spent > caps.stored_value_per_day:
        raise DailyCapError(
            f"This app may spend {show(caps.stored_value_per_day)} of stored value a day, and {show(committed)} are "
            "spoken for today. Nothing was ordered.",
            retry_after=until_tomorrow,
        )

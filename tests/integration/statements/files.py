"""Statements written for a test."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from foundation.ids import new_token
from goody_emulator.money.notation import Line, Style, written
from goody_emulator.money.statements import PAYOUTS_HEADER, STORED_VALUE_HEADER
from payments.statements.importing import Imported
from payments.statements.tables import StatementRow
from storefront.services import Services
from tests.shop import Shop

START: Final = datetime(2026, 11, 1, tzinfo=UTC)


def ms(moment: datetime) -> int:
    """A moment as the emulator counts."""
    return int(moment.timestamp() * 1000)


def line(
    transaction: str, kind: str, cents: int, *, order: str = "", day: float = 1, reference: str = "", payout: str = ""
) -> Line:
    """A line of either statement; `day` counts from the first of November."""
    texts = (transaction, kind, order, reference, "", f"about {transaction}")
    moment = ms(START + timedelta(days=day))
    return Line(moment, (payout, *texts) if payout else texts, (cents, None))


def stored_value(
    lines: Iterable[Line], *, opening: int | None = None, days: int = 30, style: Style | None = None
) -> bytes:
    """A stored value statement of so many days; with `opening` it has balances, and so is whole."""
    shown: Sequence[Line] = [*lines]
    if opening is not None:
        closing = opening + sum(each.amounts[0] or 0 for each in shown)
        first, last = ms(START), ms(START + timedelta(days=days))
        marks = [(first, "opening_balance", opening), (last, "closing_balance", closing)]
        head, tail = (Line(at, ("", kind, "", "", "", ""), (None, cents)) for at, kind, cents in marks)
        shown = [head, *shown, tail]
    return written(STORED_VALUE_HEADER, shown, style or Style())


def payouts(lines: Iterable[Line], style: Style | None = None) -> bytes:
    """A payout statement."""
    return written(PAYOUTS_HEADER, [*lines], style or Style())


def take(services: Services, app_id: str, content: bytes) -> Imported:
    """Import it."""
    return services.statements.import_file(app_id, io.BytesIO(content), by="test")


def another_app(shop: Shop) -> str:
    """The id of one more app in the same storefront."""
    made = shop.services.apps.create(
        f"app-{new_token()}",
        goody_api_key="goody_token_commerce_other",
        goody_base_url=shop.goody.base_url,
        webhook_secret=None,
        default_mode="hosted_payment",
    )
    return made.app_id


def rows(services: Services, app_id: str, *, is_live: bool = True) -> list[tuple[str, int, int]]:
    """(transaction, cents, occurrence) of the stored lines that hold, or of those set aside."""
    gone = StatementRow.gone_by.is_(None) if is_live else StatementRow.gone_by.is_not(None)
    mine = sa.select(StatementRow.transaction_id, StatementRow.amount, StatementRow.occurrence)
    with services.sessions.read() as session:
        return sorted((*row,) for row in session.execute(mine.where(StatementRow.app_id == app_id, gone)))

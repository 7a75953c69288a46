"""The ledger at ten thousand, a hundred thousand and a million entries: a month's report, balances, and posting."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from benchmarks import booked, stand
from foundation.database import Sessions, UtcDateTime
from payments.ledger.accounts import Account
from payments.ledger.balances import balances
from payments.ledger.entries import Because, Kind, NewEntry, Origin, Posting
from payments.ledger.journal import Ledger
from payments.ledger.tables import LedgerBook
from payments.revenue_share.reports import GroupBy, report
from storefront.services import Services

SIZES: Final = (10_000, 100_000, 1_000_000)
MONTHS: Final = 12
"""Over which the entries are spread evenly."""
START: Final = datetime(2025, 12, 1, tzinfo=UTC)
END: Final = datetime(2026, 12, 1, tzinfo=UTC)
PARTS: Final = 480
"""Moments at which they were booked."""
RECEIPT: Final = "(i % 9 IN (1, 3, 5, 7))"
ORDER: Final = f"(i - CASE WHEN {RECEIPT} THEN 1 ELSE 0 END)"
NUMBERS: Final = {"order": ORDER, "brand": f"{ORDER} % 40", "product": f"{ORDER} % 800"}
SERIES: Final = (
    "WITH RECURSIVE series(i) AS (SELECT CAST(:first AS BIGINT) UNION ALL SELECT i + 1 FROM series WHERE i < :last)"
)
COMMON: Final = (
    f"CASE WHEN {RECEIPT} THEN 'share_received' ELSE 'share_accrued' END, {{order}}, "
    f"CASE {ORDER} % 3 WHEN 0 THEN 'hosted_payment' WHEN 1 THEN 'stored_value' ELSE 'card' END"
)
POSTINGS: Final = (
    "INSERT INTO ledger_postings (app_id, number, position, kind, order_id, payment_mode, booked_at, account, amount,"  # noqa: S608  constants
    f" brand_id, product_id, base) {SERIES} SELECT :app, i, side, {COMMON}, :at,"
    f" CASE WHEN {RECEIPT} THEN CASE side WHEN 0 THEN 'payouts' ELSE 'share_receivable' END"
    " ELSE CASE side WHEN 0 THEN 'share_receivable' ELSE 'share_income' END END,"
    f" (100 + {ORDER} % 900) * (1 - 2 * side), {{brand}}, {{product}},"
    f" CASE WHEN {RECEIPT} THEN NULL ELSE (100 + {ORDER} % 900) * 10 END"
    " FROM series CROSS JOIN (SELECT 0 AS side UNION ALL SELECT 1) AS sides"
)
ENTRIES: Final = (
    "INSERT INTO ledger_entries (app_id, number, kind, order_id, payment_mode, booked_at, occurred_at, posted_at,"  # noqa: S608  constants
    f" source, origin, posted_by, reason, details) {SERIES} SELECT :app, i, {COMMON}, :at, :at, :at,"
    " 'bench:' || i, 'webhook', 'system', 'The recipient accepted the order.', '{{}}' FROM series"
)
UNPAID: Final = (8, 900)
"""The first entry of an order that is still to be paid, and how many entries there are from one to the next."""
ROUNDS: Final = 5
POSTED: Final = 200
AIM: Final = 2.0
"""Seconds for a month's report over a million entries."""
LINEAR: Final = 1.5
"""How many times the growth of the entries that of the time may be."""


def measure_ledger(database: str) -> Iterator[str]:
    """Each figure as a line."""
    took: dict[int, float] = {}
    for size in SIZES:
        with ExitStack() as stack:
            url = stack.enter_context(stand.database(stack.enter_context(stand.folder()), database))
            services = stack.enter_context(stand.services_over(url, stand.new_key()))
            app_id = filled(services, size)
            took[size] = _reported(services.sessions, app_id)
            missed = ", MISSED" if size == SIZES[-1] and took[size] >= AIM else ""
            aim = f"   aim: under {AIM:g} s{missed}" if size == SIZES[-1] else ""
            yield f"ledger of {size} entries on {database}: a month's report by brand {took[size]:.3f} s{aim}"
            if database == "sqlite":
                yield f"    of the processor's time {_processor(services.sessions, app_id):.3f} s"
            year, now = _whole(services.sessions, app_id), _balances(services.sessions, app_id)
            entry = _posted(services.sessions, app_id) * 1000
            yield f"    all twelve months {year:.3f} s, balances now {now:.3f} s, an entry posted {entry:.2f} ms"
    growth, entries = took[SIZES[-1]] / took[SIZES[0]], SIZES[-1] / SIZES[0]
    missed = "" if growth <= entries * LINEAR else ", MISSED"
    yield f"{entries:g} × the entries take {growth:.1f} × the time   aim: at most {entries * LINEAR:g} ×{missed}"


def filled(services: Services, size: int) -> str:
    """An app with so many entries: shares of orders, four fifths of them received, some still to be paid; its id."""
    app_id = stand.new_app(services, "http://127.0.0.1:9", "bench").app_id
    shape = "printf('%036d', {})" if services.sessions.engine.dialect.name == "sqlite" else "lpad(({})::text, 36, '0')"
    ids = {name: shape.format(number) for name, number in NUMBERS.items()}
    moment = sa.bindparam("at", type_=UtcDateTime())
    postings, entries = (sa.text(statement.format(**ids)).bindparams(moment) for statement in (POSTINGS, ENTRIES))
    with services.sessions.begin() as session:
        session.add(LedgerBook(app_id=app_id, last_number=size, closed_until=None))
    for part in range(PARTS):
        first, last = (size * bound // PARTS for bound in (part, part + 1))
        values = {"app": app_id, "first": first + 1, "last": last, "at": START + (END - START) * part / PARTS}
        with services.sessions.begin_derived() as session:
            session.execute(postings, values)
            session.execute(entries, values)
    first, apart = UNPAID
    booked.await_payment(services, app_id, [f"{number:036}" for number in range(first, size, apart)])
    with services.sessions.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if connection.dialect.name == "sqlite" else "VACUUM ANALYZE")
    return app_id


def _reported(sessions: Sessions, app_id: str) -> float:
    last = END - timedelta(days=1)

    def month() -> None:
        with sessions.read() as session:
            found = report(session, app_id, last.replace(day=1).date(), last.date(), GroupBy.BRAND, END)
        totals = found.totals
        assert totals.awaiting_payment > 0  # noqa: S101
        moved = totals.earned + totals.awaiting_payment - totals.received
        assert totals.outstanding == found.opening + moved  # noqa: S101

    return _timed(month)


def _processor(sessions: Sessions, app_id: str) -> float:
    """Seconds of the processor's own time that a month's report takes: SQLite works in this process."""
    began = time.process_time()
    _reported(sessions, app_id)
    return (time.process_time() - began) / (ROUNDS + 1)


def _whole(sessions: Sessions, app_id: str) -> float:
    def year() -> None:
        with sessions.read() as session:
            report(session, app_id, START.date(), (END - timedelta(days=1)).date(), GroupBy.BRAND, END)

    return _timed(year)


def _balances(sessions: Sessions, app_id: str) -> float:
    def now() -> None:
        with sessions.read() as session:
            balances(session, app_id)

    return _timed(now)


def _posted(sessions: Sessions, app_id: str) -> float:
    """Seconds that an entry takes, of a transaction of many."""
    ledger = Ledger()
    began = time.perf_counter()
    with sessions.begin() as session:
        for number in range(POSTED):
            postings = [Posting(Account.STORED_VALUE, 5), Posting(Account.DEPOSITS, -5)]
            because = Because(Origin.PERSON, "bench", "To see how long it takes.")
            ledger.post(session, NewEntry(app_id, Kind.DEPOSIT, f"posted:{number}", END, postings, because))
    return (time.perf_counter() - began) / POSTED


def _timed(run: Callable[[], None]) -> float:
    """Median seconds; a first run, which warms up, is not counted."""
    run()
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)

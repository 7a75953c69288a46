"""Any history at the emulated Goody, and what the books must say of it: worked out on paper, from Goody's own words."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Final

import sqlalchemy as sa
from hypothesis import strategies as st

from goody_emulator.money.notation import Dates, Encoding, Notation
from payments.ledger.accounts import Account
from payments.ledger.adjusting import Adjustment, Wish
from payments.ledger.balances import balances, order_balances
from payments.ledger.tables import LedgerEntry
from payments.modes import PaymentMode
from payments.revenue_share.computing import Item, OrderAmounts
from payments.revenue_share.terms import Base, RefundRule, Rounding, Terms
from tests.integration.statements.stage import Json, Sales
from tests.shop import ADDRESS
from tests.unit.revenue_share import plain

STORED, HOSTED = PaymentMode.STORED_VALUE, PaymentMode.HOSTED_PAYMENT
WHICH: Final = ("stored_value", "payouts")
STYLES: Final = st.fixed_dictionaries(
    {
        "notation": st.sampled_from([each.value for each in Notation]),
        "encoding": st.sampled_from([each.value for each in Encoding]),
        "date": st.sampled_from([each.value for each in Dates]),
    }
)
HOUR: Final = 3600
DAY: Final = 24 * HOUR
Act = Callable[[], object]


@dataclass
class Sold:
    """A gift as the test remembers it."""

    order_id: str
    mode: PaymentMode
    product: Json
    status: str = "created"
    terms: Terms | None = None
    """Those of the moment at which it was accepted."""
    amounts: Json = field(default_factory=dict)
    given_back: int | None = None
    """Cents, once it was refunded."""
    is_heard: bool = False
    """Whether a webhook has told of its refund."""

    @property
    def charge(self) -> int:
        """What it costs, once it is accepted."""
        return int(self.amounts["amount_total"] - self.amounts["amount_credit_applied"]) if self.amounts else 0

    @property
    def possible(self) -> list[str]:
        """What may happen to it now."""
        if self.status == "created":
            return ["accept", "accept", "accept", "cancel"]
        if self.status == "accepted":
            return ["pay"]
        return ["refund"] if self.status == "paid" else ["nothing"]


@dataclass(frozen=True)
class File:
    """A statement that somebody has downloaded: as it is written, and what it says."""

    content: bytes
    which: str
    rows: list[dict[str, str]]


@dataclass
class History(Sales):
    """What happens to one app at Goody and here; time passes for both."""

    agreed: list[Terms] = field(default_factory=list)
    sold: list[Sold] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    told: dict[str, dict[str, str]] = field(default_factory=dict)
    """Lines of the statements imported so far, by id."""
    news: list[tuple[str, str]] = field(default_factory=list)
    """Webhooks on their way: type and order."""
    unrecorded: list[tuple[int, datetime]] = field(default_factory=list)
    """Money put in or taken out of which our books know nothing."""

    def __post_init__(self) -> None:
        self.began = self.shop.clock()
        told = self.shop.goody.ask("/v1/products?per_page=100")["data"]
        plain_ones = [each for each in told if not (each["price_is_variable"] or each["variants"])]
        everywhere = [each for each in plain_ones if not each["restricted_states"]][:12]
        self.products = [{name: each[name] for name in ("id", "name", "price", "brand")} for each in everywhere]
        for each in self.products:
            each["brand"] = {name: each["brand"][name] for name in ("id", "name")}
        self.excluded = {each["brand"]["id"] for each in told if each["brand"]["commerce_revshare_excluded"]}

    def begin(self, draw: st.DataObject) -> None:
        """The first terms, the deposit that was there, and the first gift."""
        self.agree()
        held = self.shop.goody.control("GET", "revenue_share")["current"]
        self.agreed.append(Terms(held["bps"], rounding=Rounding.HALF_UP, refund_rule=RefundRule.PRO_RATA))
        self.deposit(self.goodys_balance(), "opening")
        self.give(draw)

    def entries(self) -> int:
        """How many entries the journal has."""
        with self.shop.services.sessions.read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(LedgerEntry)) or 0

    def pass_time(self, seconds: int) -> None:
        """Let time pass at Goody and here."""
        self.shop.goody.control("POST", "clock/advance", {"seconds": seconds})
        self.shop.clock.advance(seconds=seconds)

    def take_step(self, step: str, draw: st.DataObject) -> None:
        """Let something happen."""
        steps: dict[str, Act] = {
            "order": lambda: self.give(draw),
            "agree": lambda: self.change_terms(draw),
            "wait": lambda: self.pass_time(draw.draw(st.sampled_from([HOUR, 30 * HOUR, 9 * DAY, 33 * DAY]))),
            "move money": lambda: self.move_money(draw),
            "download": lambda: self.download(draw),
            "import": lambda: self.import_one(draw),
            "hear": lambda: self.hear(draw.draw(st.integers(0, 2))),
            "catch up": self.learn,
            "reconcile": self.reconcile,
            "happen": lambda: self.happen(draw),
        }
        steps[step]()

    def change_terms(self, draw: st.DataObject) -> None:
        """Other terms from now on, at Goody and here."""
        base = draw.draw(st.sampled_from(Base))
        brands = sorted({product["brand"]["id"] for product in self.products})
        left_out = draw.draw(st.lists(st.sampled_from(brands), max_size=1)) if base is not Base.AFTER_CREDITS else []
        bps = draw.draw(st.integers(0, 4000))
        self.shop.goody.control(
            "PUT", "revenue_share", {"bps": bps, "base": base.value, "excluded_brand_ids": left_out}
        )
        terms = Terms(
            bps, base=base, excluded_brand_ids=left_out, rounding=Rounding.HALF_UP, refund_rule=RefundRule.PRO_RATA
        )
        self.shop.services.share_terms.enter(self.shop.app_id, terms, None, "test", "As agreed.")
        self.agreed.append(terms)
        self.pass_time(2)  # Goody tells moments to the second

    def give(self, draw: st.DataObject) -> None:
        """One or two gifts are ordered."""
        product, mode = draw.draw(st.sampled_from(self.products)), draw.draw(st.sampled_from([STORED, HOSTED]))
        order_ids = self.order(product, mode, draw.draw(st.integers(1, 2)), swap="single")
        self.sold += [Sold(order_id, mode, product) for order_id in order_ids]

    def happen(self, draw: st.DataObject) -> None:
        """Something happens to a gift at Goody."""
        goody, sold = self.shop.goody, draw.draw(st.sampled_from(self.sold))
        step = draw.draw(st.sampled_from(sold.possible))
        if step == "accept":
            cheaper = [each for each in self.products if each["price"] <= sold.product["price"]]
            other = draw.draw(st.just(sold.product) | st.sampled_from(cheaper))
            swap = [] if other is sold.product else [{"product_id": other["id"], "quantity": 1}]
            credit = draw.draw(st.just(0) | st.integers(0, other["price"]))
            goody.step(sold.order_id, step, {"mailing_address": ADDRESS, "swap": swap, "credit_applied": credit})
            sold.product, sold.terms = other, self.agreed[-1]
            sold.amounts = goody.order(sold.order_id)["amounts"]
            sold.status = "paid" if sold.mode is STORED else "accepted"
        elif step == "pay":
            goody.step(sold.order_id, step)
            sold.status = "paid"
        elif step == "cancel":
            goody.step(sold.order_id, step)
            sold.status = "canceled"
            self.news.append(("order.canceled", sold.order_id))
        elif step == "refund":
            self.refund_some(sold, draw)

    def refund_some(self, sold: Sold, draw: st.DataObject) -> None:
        """All that is left of what it was charged, or some of it. Of a stored value order the webhook may be lost."""
        left = sold.charge - (sold.given_back or 0)
        amount = draw.draw(st.integers(1, left) | st.just(left)) if left else 0
        if sold.mode is HOSTED and self.share_of(sold) * amount < sold.charge:
            # A refund so small that no cent of the share goes back shows nowhere, and nobody can tell it from none.
            amount = left
        self.shop.goody.step(sold.order_id, "refund", {"amount": amount} if amount else {})
        sold.given_back = (sold.given_back or 0) + amount
        sold.status = "paid" if amount < left else "given back"
        is_lost = sold.mode is STORED and amount > 0 and draw.draw(st.booleans())
        if not is_lost:
            self.news.append(("order.refunded", sold.order_id))

    def move_money(self, draw: st.DataObject) -> None:
        """Money goes into the balance, or out of it; somebody records it at once, or much later."""
        amount = draw.draw(st.integers(1, 500_000))
        if draw.draw(st.booleans()):
            self.shop.goody.control("POST", "stored_value/deposits", {"amount": amount})
        else:
            self.shop.goody.spend(amount)
            amount = -amount
        self.unrecorded.append((amount, self.shop.clock()))
        if draw.draw(st.booleans()):
            self.record_money()

    def record_money(self) -> None:
        """Somebody records what went in and out."""
        for amount, moment in self.unrecorded:
            kind = Adjustment.DEPOSIT if amount > 0 else Adjustment.WITHDRAWAL
            wish = Wish(kind, "The bank says so.", amount=abs(amount), occurred_at=moment)
            self.shop.services.adjustments.post(self.shop.app_id, wish, "test")
        self.unrecorded = []

    def download(self, draw: st.DataObject) -> None:
        """Somebody downloads a statement, in whatever notation: of all time, or of some piece of it."""
        which, style = draw.draw(st.sampled_from(WHICH)), draw.draw(STYLES)
        now = self.shop.clock().replace(microsecond=0)
        period = {}
        if draw.draw(st.booleans()):
            span = int((now - self.began).total_seconds())
            # Parts of it: what is drawn must not depend on how fast the test runs.
            first, last = sorted(draw.draw(st.tuples(st.integers(0, 100), st.integers(0, 100))))
            period = {name: _shown(self.began, span * at // 100) for name, at in (("from", first), ("to", last))}
        self.files.append(self.file(which, style, period))

    def file(self, which: str, style: dict[str, str], period: dict[str, str]) -> File:
        """A statement of Goody's as it is now."""
        said = self.shop.goody.statement(which, **period)
        content = self.shop.goody.statement(which, **style, **period) if style else said
        rows = [row for row in csv.DictReader(io.StringIO(said.decode(), newline="")) if row["id"]]
        return File(content, which, rows)

    def import_one(self, draw: st.DataObject) -> None:
        """Somebody imports one of the files, however old, and perhaps once more."""
        if self.files:
            self.bring_in(draw.draw(st.sampled_from(self.files)))

    def bring_in(self, file: File) -> None:
        """Import a file."""
        self.take(file.content)
        self.told |= {row["id"]: {**row, "which": file.which} for row in file.rows}

    def hear(self, count: int) -> None:
        """So many webhooks arrive, the last ones first."""
        for _ in range(min(count, len(self.news))):
            event, order_id = self.news.pop()
            self.shop.hear(event, self.shop.goody.order(order_id))
            sold = next(each for each in self.sold if each.order_id == order_id)
            sold.is_heard = sold.is_heard or event == "order.refunded"

    def learn(self) -> None:
        """The worker learns what activities tell, and the accountant books."""
        self.pass_time(61)
        self.catch_up()

    def settle(self) -> None:
        """All that was on its way has arrived, and the statements that are here are reconciled."""
        self.hear(len(self.news))
        self.learn()
        self.reconcile()

    def everything_told(self) -> None:
        """Goody pays what it owes, and its statements of all time are imported."""
        while self.shop.goody.control("GET", "payouts")["unpaid"] < 0:
            self.sell(self.of_brand(is_excluded=False), HOSTED, 1)
        self.pass_time(2)
        self.shop.goody.control("POST", "payouts")
        for which in WHICH:
            self.bring_in(self.file(which, {}, {}))

    def must_balance(self) -> None:
        """Debits are credits, at any moment."""
        with self.shop.services.sessions.read() as session:
            assert sum(balances(session, self.shop.app_id).values()) == 0

    def must_be_as_on_paper(self) -> None:
        """Every order's accounts, as far as anybody has told."""
        with self.shop.services.sessions.read() as session:
            for sold in self.sold:
                found = order_balances(session, self.shop.app_id, sold.order_id)
                said = {account: amount for account, amount in found.items() if amount}
                assert said == self.on_paper(sold), (said, self.on_paper(sold), sold)

    def must_be_as_goody_says(self) -> None:
        """Both books to the cent, and nothing that does not agree."""
        goody = self.shop.goody
        assert self.discrepancies() == [], [each.explanation for each in self.discrepancies()]
        paid_out = goody.control("GET", "payouts")
        ours = {account: self.balance(account) for account in (Account.PAYOUTS, Account.SHARE_RECEIVABLE)}
        paid = sum(each["amount"] for each in paid_out["data"])
        # Goody counts a share once the shopper has paid.
        waiting = sum(self.share_of(sold) for sold in self.sold if sold.status == "accepted")
        theirs = {Account.PAYOUTS: paid, Account.SHARE_RECEIVABLE: paid_out["unpaid"] + waiting}
        assert ours == theirs, (ours, theirs)
        found = (self.balance(), self.goodys_balance(), sum(each["amount"] for each in goody.transactions))
        assert len({*found}) == 1, found

    def on_paper(self, sold: Sold) -> dict[Account, int]:
        """What the accounts must say of one order, from its amounts, the terms and the lines that were imported."""
        lines = self.lines_of(sold)
        charged = sold.charge if sold.mode is STORED and sold.terms is not None else 0
        told = lines["refund"] if sold.mode is STORED else 0
        back = told or (charged if sold.is_heard else 0)
        share = self.share_of(sold)
        taken = self.taken_back(sold, share, told, lines["revenue_share_reversal"])
        received = lines["revenue_share"] + lines["revenue_share_reversal"]
        found = {
            Account.STORED_VALUE: back - charged + (received if sold.mode is STORED else 0),
            Account.PAYOUTS: received if sold.mode is HOSTED else 0,
            Account.ORDER_COST: charged,
            Account.REFUNDS: -back,
            Account.SHARE_INCOME: taken - share,
            Account.SHARE_RECEIVABLE: share - taken - received,
        }
        return {account: amount for account, amount in found.items() if amount}

    def taken_back(self, sold: Sold, share: int, told: int, reversed_by_line: int) -> int:
        """What a refund takes back of the share: as much as of the charge, or what a line says; else all of it."""
        if told:
            return plain.whole_cents(Fraction(share * min(told, sold.charge), sold.charge), "half_up")
        if sold.is_heard and sold.mode is HOSTED and reversed_by_line:
            return -reversed_by_line
        return share if sold.is_heard else 0

    def share_of(self, sold: Sold) -> int:
        """What it earned at acceptance."""
        if sold.terms is None:
            return 0
        amounts, brand = sold.amounts, sold.product["brand"]["id"]
        item = Item(sold.product["id"], brand, 1, sold.product["price"], brand in self.excluded)
        costs = OrderAmounts(
            amounts["amount_product"], amounts["amount_shipping"], amounts["amount_credit_applied"] or 0
        )
        return plain.share_of(sold.terms, [item], costs)

    def lines_of(self, sold: Sold) -> defaultdict[str, int]:
        """Cents of its lines that were imported, by type."""
        sums: defaultdict[str, int] = defaultdict(int)
        for row in self.told.values():
            if row["order_id"] == sold.order_id:
                sums[row["type"]] += int(row["amount"].replace(".", ""))
        return sums


def _shown(began: datetime, seconds: int) -> str:
    moment = datetime.fromtimestamp(int(began.timestamp()) + seconds, began.tzinfo)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

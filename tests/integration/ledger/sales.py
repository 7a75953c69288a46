"""Orders as Goody tells of them, taken in by the product's own hands, without a Goody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from foundation.errors import GoodyUnavailableError
from foundation.goody.payloads import RecipientInput
from foundation.goody.resources import Amounts, Cart, CartBrand, CartItem, CartProduct
from foundation.goody.resources import Order as GoodyOrder
from foundation.ids import new_id
from payments import orders, timeline
from payments.modes import PaymentMode
from payments.placing import Gift, Line, NewOrder, place
from payments.revenue_share.accounting import Accountant
from payments.revenue_share.facts import ProductFact
from payments.revenue_share.tables import OrderShare
from payments.revenue_share.terms import Terms
from payments.revenue_share.terms_book import TermsBook
from payments.tables import Order, OrderBatch
from payments.timeline import Source
from tests.integration.ledger.stage import Books

Wanted = Sequence[tuple[str, int]]
"""Product ids and quantities."""


@dataclass
class Shelf:
    """What products are: an answer to the port of payments, as the catalog gives it in the shop."""

    products: dict[str, ProductFact] = field(default_factory=dict)
    is_away: bool = False

    def put(self, product_id: str, brand_id: str, price: int, *, is_excluded: bool = False) -> None:
        """Know a product."""
        self.products[product_id] = ProductFact(product_id, brand_id, price, is_excluded)

    def __call__(self, app_id: str, product_id: str, at: datetime) -> ProductFact | None:
        """The product, whoever asks and whenever."""
        assert app_id
        assert at.tzinfo
        if self.is_away:
            raise GoodyUnavailableError("Goody is away.")
        return self.products.get(product_id)


@dataclass
class Sales:
    """An app that sells, and the accountant who books it."""

    books: Books
    shelf: Shelf = field(default_factory=Shelf)

    def __post_init__(self) -> None:
        books = self.books
        self.accountant = Accountant(books.sessions, books.ledger, self.shelf, books.clock)
        self.terms = TermsBook(books.sessions, books.clock)

    def agree(self, terms: Terms, holds_from: datetime | None = None) -> None:
        """Enter terms."""
        self.terms.enter(self.books.app_id, terms, holds_from, "ana", "As agreed.")

    def order(
        self, wanted: Wanted, *, mode: PaymentMode = PaymentMode.STORED_VALUE, swap: str | None = "disabled"
    ) -> str:
        """A gift ordered from the shelf; its id at Goody."""
        lines = [self._line(product_id, quantity) for product_id, quantity in wanted]
        total = sum(line.price * line.quantity for line in lines)
        new = NewOrder(
            app_id=self.books.app_id,
            checkout_id=new_id("chk"),
            customer_id=None,
            payment_mode=mode,
            lines=lines,
            gift=Gift("Ana", "link_multiple_custom_list", (RecipientInput("Li"),), swap=swap),
            quote={"per_recipient": {"total_high": total}, "total": {"total_high": total}},
        )
        order_id = new_id("o")[:36]
        with self.books.sessions.begin() as session:
            batch_id = place(session, new, self.books.clock())
            session.flush()
            batch = session.get_one(OrderBatch, batch_id)
            orders.absorb(session, batch, self.told(order_id, "created", wanted), self.books.clock())
        return order_id

    def told(self, order_id: str, status: str, wanted: Wanted, amounts: Mapping[str, int] | None = None) -> GoodyOrder:
        """The order as Goody tells it; amounts are final where they are given."""
        goods = sum(
            self.shelf.products[name].price * quantity for name, quantity in wanted if name in self.shelf.products
        )
        costs = {"product": goods, "shipping": 0, "credit_applied": 0, **(amounts or {})}
        before_tax = costs["product"] + costs["shipping"]
        tax = costs.pop("tax", 0)
        final = {} if amounts is None else {"tax": tax, "total": before_tax + tax}
        items = tuple(CartItem(f"item-{at}", self._product(name), number) for at, (name, number) in enumerate(wanted))
        told = Amounts(pre_tax_total=before_tax, **costs, **final)
        return GoodyOrder(order_id, status, Cart("cart", items), told, is_swapped=status != "created")

    def hear(self, told: GoodyOrder, source: Source | None = None, *, event_type: str | None = None) -> None:
        """Take in what Goody tells, as a read unless said otherwise."""
        with self.books.sessions.begin() as session:
            order = session.get_one(Order, told.id)
            batch = session.get_one(OrderBatch, order.order_batch_id)
            source = source or timeline.REFETCH
            orders.absorb(session, batch, told, self.books.clock(), event_type=event_type, source=source)

    def accept(self, order_id: str, wanted: Wanted, status: str = "paid", **amounts: int) -> None:
        """Accepted with these amounts, and taken in by a read."""
        self.hear(self.told(order_id, status, wanted, amounts))

    def refund(self, order_id: str) -> None:
        """Refunded: the one thing that a webhook alone tells."""
        self.hear(self.again(order_id), timeline.webhook("msg_refund"), event_type="order.refunded")

    def again(self, order_id: str, status: str | None = None) -> GoodyOrder:
        """The order as it was told last, in that status or another."""
        with self.books.sessions.read() as session:
            order = session.get_one(Order, order_id)
        wanted = [(item["product"]["id"], item["quantity"]) for item in order.cart["items"]]
        names = ("product", "shipping", "credit_applied", "tax")
        is_final = order.amounts["amount_total"] is not None
        amounts = {name: order.amounts[f"amount_{name}"] for name in names} if is_final else None
        return self.told(order_id, status or order.supplier_status, wanted, amounts)

    def learn_refund(self, order_id: str, amount: int) -> None:
        """A statement tells how much was given back."""
        with self.books.sessions.begin() as session:
            session.get_one(Order, order_id).refund_amount = amount

    def cancel(self, order_id: str) -> None:
        """Cancelled."""
        self.hear(self.again(order_id, "canceled"))

    def book(self) -> int:
        """Let the accountant take a turn."""
        return self.accountant.book_due()

    def share(self, order_id: str) -> OrderShare:
        """Where the order's share stands."""
        with self.books.sessions.read() as session:
            return session.get_one(OrderShare, order_id)

    def _product(self, product_id: str) -> CartProduct:
        known = self.shelf.products.get(product_id)
        return CartProduct(product_id, product_id, CartBrand("unknown" if known is None else known.brand_id))

    def _line(self, product_id: str, quantity: int) -> Line:
        known = self.shelf.products[product_id]
        values: dict[str, Any] = {
            "product_id": product_id,
            "name": product_id,
            "brand_id": known.brand_id,
            "brand_name": known.brand_id,
            "price": known.price,
            "quantity": quantity,
            "variants": (),
            "is_price_chosen": False,
            "revshare_excluded": known.is_excluded,
        }
        return Line(**values)

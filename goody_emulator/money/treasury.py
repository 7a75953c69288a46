"""The parts of the emulator that deal with money, put together."""

from goody_emulator.money.cards import Cards
from goody_emulator.money.charging import Charging
from goody_emulator.money.payment_methods import PaymentMethods
from goody_emulator.money.payouts import Payouts
from goody_emulator.money.shares import Shares
from goody_emulator.money.statement_faults import StatementFaults
from goody_emulator.money.statements import Statements
from goody_emulator.money.stored_value import StoredValue
from goody_emulator.money.terms import TermsBook
from goody_emulator.quirks import Quirks
from goody_emulator.settings import Settings
from goody_emulator.state.store import Store


class Treasury:
    """Accounts, cards, revenue shares and payouts of all apps."""

    def __init__(self, store: Store, settings: Settings, quirks: Quirks) -> None:
        self.stored_value = StoredValue(store, settings)
        self.cards = Cards(store)
        self.payment_methods = PaymentMethods(self.stored_value, self.cards, quirks)
        self.terms = TermsBook(store, settings)
        self.shares = Shares(store, self.stored_value, self.terms)
        self.payouts = Payouts(store)
        self.charging = Charging(store, self.stored_value, self.cards, self.shares, quirks)
        self.statement_faults = StatementFaults(store)
        self.statements = Statements(store, self.payouts, self.statement_faults)

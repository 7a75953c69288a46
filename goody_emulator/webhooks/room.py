"""The parts of the webhooks, put together."""

from goody_emulator.quirks import Quirks
from goody_emulator.settings import Settings
from goody_emulator.state.store import Store
from goody_emulator.webhooks.answer_order import AnswerOrder
from goody_emulator.webhooks.chaos import Chaos
from goody_emulator.webhooks.courier import Courier
from goody_emulator.webhooks.endpoints import Endpoints
from goody_emulator.webhooks.events import Events
from goody_emulator.webhooks.fates import Fates
from goody_emulator.webhooks.forgery import Forgery
from goody_emulator.webhooks.log import Log
from goody_emulator.webhooks.postman import Postman


class Webhooks:
    """Everything between an event and its receivers."""

    def __init__(self, store: Store, settings: Settings, quirks: Quirks) -> None:
        postman = Postman(settings.webhook_timeout)
        self.endpoints = Endpoints(store, settings)
        self.chaos = Chaos(store)
        self.events = Events(store, quirks, self.endpoints, Fates(store, self.chaos))
        self.courier = Courier(store, postman)
        self.answer_order = AnswerOrder(store, self.chaos, self.courier)
        self.log = Log(store, self.endpoints)
        self.forgery = Forgery(store, self.endpoints, postman)

"""The steps of an order that the control API takes, each with the body it reads."""

from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

from goody_emulator.apps import App
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import Acceptance, read_body
from goody_emulator.orders.lifecycle import MOVES
from goody_emulator.orders.shipments import Mishap, Parcel
from goody_emulator.orders.steps import Steps
from goody_emulator.state.store import Row

Body = TypeVar("Body", bound=msgspec.Struct)


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a step that needs nothing."""


class Accepted(Acceptance, frozen=True, forbid_unknown_fields=True):
    """What a recipient enters, with nothing besides."""

    rest: bool = False
    """The order stays `accepted` until the step `charge`."""


class Payment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a shopper's payment goes."""

    declined: bool = False
    """It fails, and the order goes on waiting."""
    rest: bool = False
    """The order stays `paid` until the step `order`."""


class Delivery(Parcel, frozen=True, forbid_unknown_fields=True):
    """Which shipments arrive, and on whose word."""

    override: bool = False
    """Not the carrier's: they are `delivered_override`."""


class Mark(Parcel, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of which shipments otherwise."""

    status: Mishap


class Refund(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much is refunded, in cents; all that is left when nothing is said."""

    amount: int | None = None


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a recipient writes back."""

    note: str = ""


def take_step(steps: Steps, order_id: str, step: str, body: bytes, app: App | None) -> Row:
    """Take a step as a body tells; RefusedError lists what a body can have, StepRefusedError what is possible."""
    if step in _READING:
        return _READING[step](steps, order_id, body, app)
    _read(body, Nothing, step)
    return steps.take(order_id, step, app)


def _accept(steps: Steps, order_id: str, body: bytes, app: App | None) -> Row:
    accepted = _read(body, Accepted, "accept")
    return steps.accept(order_id, accepted, app, rest=accepted.rest)


def _pay(steps: Steps, order_id: str, body: bytes, app: App | None) -> Row:
    payment = _read(body, Payment, "pay")
    return steps.decline(order_id, app) if payment.declined else steps.pay(order_id, app, rest=payment.rest)


def _ship(steps: Steps, order_id: str, body: bytes, app: App | None) -> Row:
    return steps.ship(order_id, _read(body, Parcel, "ship"), app)


def _deliver(steps: Steps, order_id: str, body: bytes, app: App | None) -> Row:
    delivery = _read(body, Delivery, "deliver")
    return steps.deliver(order_id, delivery, app, override=delivery.override)


def _mark(steps: Steps, order_id: str, body: bytes, app: App | None) -> Row:
    mark = _read(body, Mark, "mark")
    return steps.mark(order_id, mark, mark.status, app)


def _refund(steps: Steps, order_id: str, body: bytes, app: App | None) -> Row:
    return steps.refund(order_id, _read(body, Refund, "refund").amount, app)


def _thank(steps: Steps, order_id: str, body: bytes, app: App | None) -> Row:
    return steps.thank(order_id, _read(body, Note, "thank_you_note").note, app)


_READING: Final[dict[str, Callable[[Steps, str, bytes, App | None], Row]]] = {
    "accept": _accept,
    "pay": _pay,
    "ship": _ship,
    "deliver": _deliver,
    "mark": _mark,
    "refund": _refund,
    "thank_you_note": _thank,
}
STEPS: Final = tuple(MOVES)
"""The names of all steps."""


def _read(body: bytes, shape: type[Body], step: str) -> Body:
    try:
        return read_body(body or b"{}", shape)
    except RefusedError as error:
        fields = ", ".join(f"`{name}`" for name in shape.__struct_fields__)
        possible = f"its body can have {fields}" if fields else "it needs no body"
        raise RefusedError(f'{str(error).rstrip(".")}. That is no body of "{step}": {possible}.') from error

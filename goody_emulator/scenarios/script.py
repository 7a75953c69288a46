"""What a scenario is made of."""

from typing import Any, Final, Literal

import msgspec

from goody_emulator.inputs import Address
from goody_emulator.orders.shipments import Mishap, Parcel

AT_PLACE_OF: Final = Address(
    address_1="1 Main St", city="New York", state="NY", postal_code="10022", country="US"
)  # fmt: skip
"""Where a recipient lives whom a scenario gives no other address."""

Deed = Literal[
    "notify",
    "open",
    "accept",
    "charge",
    "pay",
    "order",
    "ship",
    "deliver",
    "mark",
    "cancel",
    "support_cancel",
    "refund",
    "expire",
    "thank_you_note",
    "deposit",
    "withdraw",
    "wait",
]


class Step(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Something that happens to the order, some time after the step before it."""

    do: Deed
    after: str = "0s"
    """How long after the step before, on the emulator's clock: a number and s, m, h or d."""
    state: str | None = None
    """Accepts at an address in this state."""
    address: Address | None = None
    """Accepts at this address."""
    swap: Literal["any"] | list[str] | None = None
    """Accepts something else: any product the gift can be swapped for, or these product ids."""
    credit: int | None = None
    """Cents of credit at the acceptance."""
    rest: bool | None = None
    """The order stays accepted until the step charge, or paid until the step order."""
    declined: bool | None = None
    """The payment fails."""
    note: str | None = None
    """The thank-you note's text."""
    shipment: int | None = None
    """Which shipment leaves or arrives, counted from 0; all when left out."""
    status: Mishap | None = None
    """What becomes of shipments that are marked."""
    amount: int | Literal["all"] | None = None
    """Cents to refund, to deposit or to withdraw; "all" is the whole order or balance."""

    @property
    def parcel(self) -> Parcel:
        """Which shipments it is about."""
        return Parcel(shipment=self.shipment)


class Scenario(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Steps in their order, and what is put in force for the app while they are played."""

    steps: list[Step]
    name: str = ""
    about: str = ""
    faults: list[dict[str, Any]] = []
    """Faults of requests, as POST /_emulator/faults takes them."""
    chaos: list[dict[str, Any]] = []
    """Disorder of webhooks, as POST /_emulator/webhooks/chaos takes it."""
    quirks: list[str] = []


DETAILS: Final[dict[str, tuple[str, ...]]] = {
    "accept": ("state", "address", "swap", "credit", "rest"),
    "pay": ("declined", "rest"),
    "thank_you_note": ("note",),
    "ship": ("shipment",),
    "deliver": ("shipment",),
    "mark": ("shipment", "status"),
    "refund": ("amount",),
    "deposit": ("amount",),
    "withdraw": ("amount",),
}
"""Which details a deed takes, beside how long after the step before it happens."""

"""Which column of which source's CSV holds what. Goody publishes no format: its columns here are guesses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from foundation.errors import Fault, InvalidInputError
from payments.statements.kinds import Account
from payments.statements.separators import plain_name

FIELDS: Final = (
    "date",
    "id",
    "type",
    "order_id",
    "order_reference",
    "customer_reference",
    "description",
    "amount",
    "debit",
    "credit",
    "balance",
    "currency",
    "payout_id",
)
"""What a column may hold. `balance` of a payout statement is the total so far."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement comes from: the account it is about, and the names its columns may have, in plain form."""

    name: str
    account: Account
    columns: Mapping[str, Sequence[str]]
    telling: Sequence[str]
    """Fields that tell it from other sources: all must be there."""

    def places(self, header: Sequence[str]) -> dict[str, int]:
        """Where each field's column is in a header; fields without one are left out."""
        names = [plain_name(cell) for cell in header]
        found = {}
        for field, choices in self.columns.items():
            place = next((names.index(name) for name in choices if name in names), None)
            if place is not None:
                found[field] = place
        return found

    def fits(self, header: Sequence[str]) -> bool:
        """Whether a header is one of this source's."""
        places = self.places(header)
        has_amount = "amount" in places or {"debit", "credit"} <= set(places)
        return has_amount and "date" in places and all(field in places for field in self.telling)


_EMULATOR: Final = {
    "date": ["date"],
    "id": ["id"],
    "type": ["type"],
    "order_id": ["order id"],
    "order_reference": ["order reference id"],
    "customer_reference": ["customer reference id"],
    "description": ["description"],
    "amount": ["amount"],
}
_GOODY: Final = {
    "date": ["date", "transaction date", "created at", "created", "posted at", "posted", "date utc"],
    "id": ["transaction id", "id", "transaction", "entry id"],
    "type": ["type", "transaction type", "category", "kind"],
    "order_id": ["order id", "gift id", "order uuid"],
    "order_reference": ["order reference id", "order reference", "order number", "gift reference", "reference id"],
    "customer_reference": ["customer reference id", "customer reference", "external id", "batch reference"],
    "description": ["description", "details", "memo", "note"],
    "amount": ["amount", "amount usd", "net amount", "value"],
    "debit": ["debit", "debits", "money out", "paid out"],
    "credit": ["credit", "credits", "money in", "paid in"],
    "currency": ["currency", "currency code"],
}
SOURCES: Final = {
    source.name: source
    for source in (
        Source("emulator-payouts", Account.PAYOUTS, {**_EMULATOR, "balance": ["total"], "payout_id": ["payout id"]},
               ("id", "type", "order_id", "order_reference", "customer_reference", "balance", "payout_id")),
        Source("emulator-stored-value", Account.STORED_VALUE, {**_EMULATOR, "balance": ["balance"]},
               ("id", "type", "order_id", "order_reference", "customer_reference", "balance")),
        Source("goody-payouts", Account.PAYOUTS,
               {**_GOODY, "payout_id": ["payout id", "payout", "transfer id"], "balance": ["total"]},
               ("payout_id",)),
        Source("goody-stored-value", Account.STORED_VALUE,
               {**_GOODY, "balance": ["balance", "running balance", "balance usd", "balance after"]}, ("balance",)),
    )
}  # fmt: skip
"""By name, the most particular first: that order decides where several fit."""

KNOWN_NAMES: Final = frozenset(
    name for source in SOURCES.values() for choices in source.columns.values() for name in choices
)


def source_of(header: Sequence[str]) -> Source | None:
    """The first source whose header this can be."""
    return next((source for source in SOURCES.values() if source.fits(header)), None)


def named_source(name: str, columns: Mapping[str, str] | None = None) -> Source:
    """A source by its name, with other names for some columns. InvalidInputError for a name or a field unknown."""
    faults = []
    if name not in SOURCES:
        faults.append(Fault("/source", "unknown_source", f"{name!r} is none of: {', '.join(SOURCES)}"))
    faults += [
        Fault(f"/columns/{field}", "unknown_field", f"is none of: {', '.join(FIELDS)}")
        for field in columns or {}
        if field not in FIELDS
    ]
    if faults:
        raise InvalidInputError("The statement can't be read so.", faults)
    source = SOURCES[name]
    if not columns:
        return source
    renamed = {field: [plain_name(title)] for field, title in columns.items()}
    # Who names a column knows the file: nothing else has to tell this source from another.
    return replace(source, columns={**source.columns, **renamed}, telling=())


def named_columns(pairs: Iterable[str]) -> dict[str, str]:
    """Columns given as `field=title`. InvalidInputError for what is not of that form."""
    split = [pair.partition("=") for pair in pairs]
    if any(not field or not title for field, _, title in split):
        fault = Fault("/columns", "invalid", "write field=title, such as date=Posting date")
        raise InvalidInputError("The statement can't be read so.", [fault])
    return {field.strip(): title for field, _, title in split}

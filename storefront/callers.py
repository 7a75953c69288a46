"""Who is calling, and what of the app's belongs to them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from payments.queries import Owner


class CallerKind(StrEnum):
    """The rows of the table "Who is calling" of the REST contract."""

    PUBLISHABLE = "publishable"
    CHECKOUT = "checkout"
    CUSTOMER = "customer"
    SECRET = "secret"  # noqa: S105  the word, not a password


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller that was recognised. A guest has a publishable key and no customer token."""

    app_id: str
    kind: CallerKind
    key_id: str
    address: str
    checkout_id: str | None = None
    customer_id: str | None = None
    until: datetime | None = None
    """When the customer's token is over, if it came with one."""

    @property
    def is_secret(self) -> bool:
        """Whether it is the partner's own backend."""
        return self.kind is CallerKind.SECRET

    @property
    def is_guest(self) -> bool:
        """Whether the limits of guests hold."""
        return self.kind in {CallerKind.PUBLISHABLE, CallerKind.CHECKOUT}

    @property
    def owner(self) -> Owner:
        """Whose orders it may see."""
        return Owner(self.app_id, checkout_id=self.checkout_id, customer_id=self.customer_id)

    @property
    def identity(self) -> str:
        """Who calls, for the scope of an Idempotency-Key. A public key alone is anybody's, so the address joins it."""
        if self.kind is CallerKind.SECRET:
            return f"{self.app_id}:secret"
        if self.kind is CallerKind.CUSTOMER:
            return f"{self.app_id}:customer:{self.customer_id}"
        if self.kind is CallerKind.CHECKOUT:
            return f"{self.app_id}:{self.checkout_id}"
        return f"{self.app_id}:{self.key_id}:{self.address}"

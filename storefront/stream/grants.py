"""By what right a stream is open: looked at when it begins, and at each heartbeat while it lasts. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from foundation.keys import KeyHolder
from foundation.scopes import allows
from storefront.gate.origins import may_come_from
from storefront.stream.tokens import Scope

AREA: Final = "events"


@dataclass(frozen=True, slots=True)
class Grant:
    """What may be followed, by which key, from which web page, and until when if a customer's token bounds it."""

    scope: Scope
    key_id: str
    origin: str | None = None
    until: datetime | None = None

    def holds(self, holder: KeyHolder | None, now: datetime) -> bool:
        """Whether it is still so. `holder` is what the key is good for now; None if it holds no longer."""
        return (
            holder is not None
            and holder.app_id == self.scope.app_id
            and allows(holder.scopes, AREA, is_write=False)
            and may_come_from(holder, self.origin)
            and (self.until is None or now < self.until)
        )

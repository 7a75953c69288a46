"""Why a checkout can't be completed as things stand."""

from typing import Any

from foundation.errors import ConflictError, Fault, StorefrontError


class CheckoutExpiredError(ConflictError):
    """It was left alone for too long."""

    code = "checkout_expired"


class CheckoutChangedError(ConflictError):
    """Somebody else changed it meanwhile."""

    code = "checkout_changed"


class CheckoutNotOverError(ConflictError):
    """It is still under way, so its order may come to exist: a copy could make a second gift."""

    code = "checkout_not_over"


class PaymentModeError(ConflictError):
    """The payment mode is not the checkout's."""

    code = "payment_mode_mismatch"


class QuoteChangedError(ConflictError):
    """The price that the caller agreed to no longer holds; `quote` is the new one."""

    code = "quote_changed"

    def __init__(self, detail: str, quote: dict[str, Any] | None) -> None:
        super().__init__(detail)
        self.quote = quote


class ProductUnavailableError(ConflictError):
    """A product left the catalog; `faults` point at it."""

    code = "product_unavailable"

    def __init__(self, detail: str, faults: list[Fault]) -> None:
        super().__init__(detail)
        self.faults = tuple(faults)


class QuoteRequiredError(StorefrontError):
    """Spending the partner's balance on what a shopper put together needs the name of the quote agreed to."""

    code = "quote_required"


class RejectedBySupplierError(StorefrontError):
    """Goody refused the order for good."""

    code = "rejected_by_supplier"


class PreconditionFailedError(StorefrontError):
    """`If-Match` names another version than the present one (RFC 9110, 13.1.1)."""

    code = "precondition_failed"

"""`If-Match`: a change is made only to what its caller has seen (RFC 9110, 13.1.1)."""

from collections.abc import Callable

from flask import request

from storefront.checkout.errors import PreconditionFailedError

HEADER = "If-Match"


def expected_revision(current: Callable[[], int | None]) -> int | None:
    """The revision that the thing must still have; None without the header. Whoever changes it looks once more.

    PreconditionFailedError if the header names another one, or there is nothing yet.
    """
    if not request.if_match:
        return None
    revision = current()
    if revision is None or not request.if_match.contains(str(revision)):
        raise PreconditionFailedError("It has changed since. Read it again, then repeat the change.")
    return revision


def tag(revision: int | None) -> dict[str, str]:
    """The header that says which revision an answer shows."""
    return {} if revision is None else {"ETag": f'"{revision}"'}

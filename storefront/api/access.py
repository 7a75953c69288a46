"""Who may call what. Each view names the callers it is for; a view that names none answers nobody."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from flask import Flask, current_app, g, request

from foundation.errors import ForbiddenError, NotFoundError, OriginNotAllowedError, UnauthenticatedError
from foundation.keys import KeyHolder, KeyKind
from foundation.scopes import READ, WRITE, allows
from storefront.api.scopes import scope_of
from storefront.api.wiring import EXTENSION, GATE, KEYS, gate, known_keys, services
from storefront.callers import Caller, CallerKind
from storefront.edge.edge import HOLDER
from storefront.edge.keys import KeyCache, bearer_key
from storefront.gate.gate import VERDICT, Gate, too_many
from storefront.gate.origins import may_come_from

if TYPE_CHECKING:
    from storefront.gate.buckets import Verdict
    from storefront.services import Services

View = TypeVar("View", bound=Callable[..., Any])

ANYONE: Final = frozenset[CallerKind]()
"""For views that need no key: probes, Goody's webhooks (signed), the documentation."""

EVERY_KEY: Final = frozenset(CallerKind)
SHOPPER: Final = frozenset({CallerKind.CHECKOUT, CallerKind.CUSTOMER, CallerKind.SECRET})
BACKEND: Final = frozenset({CallerKind.SECRET})

OPEN_ENDPOINTS: Final = frozenset({"static", "api-docs.openapi_json"})
"""Endpoints that Flask and flask-smorest add by themselves."""

LARGEST_NUMBER: Final = 2**63 - 1
CHECKOUT_SECRET: Final = "X-Checkout-Secret"  # noqa: S105  the name of a header
CUSTOMER_TOKEN: Final = "X-Customer-Token"  # noqa: S105  the name of a header


def allow(kinds: frozenset[CallerKind]) -> Callable[[View], View]:
    """Let these callers in."""

    def mark(view: View) -> View:
        view.allowed_callers = kinds  # type: ignore[attr-defined]
        return view

    return mark


def caller() -> Caller:
    """Who is calling the present view."""
    return cast("Caller", g.caller)


def must_not_send_too_often() -> None:
    """Count what makes webhooks be sent at the caller's word. TooManyRequestsError if its app asks too often."""
    verdict = gate().count_sending(caller().app_id)
    if verdict is not None and verdict.retry_after is not None:
        request.environ[VERDICT] = verdict
        raise too_many(verdict)


def register_access(app: Flask) -> None:
    """Check every request before its view runs."""
    made: Services = app.extensions[EXTENSION]
    app.extensions[GATE] = Gate(made.settings)
    app.extensions[KEYS] = KeyCache(made.keys.authenticate, note=made.key_uses.note)

    @app.before_request
    def check() -> None:
        if request.endpoint is None or request.endpoint in OPEN_ENDPOINTS:
            return
        if "\x00" in request.path or not all(_can_be_stored(value) for value in (request.view_args or {}).values()):
            # No database has such a text or number, so nothing has such an id.
            raise NotFoundError("There is nothing at this address.")
        allowed: frozenset[CallerKind] | None = getattr(
            current_app.view_functions[request.endpoint], "allowed_callers", None
        )
        if allowed is ANYONE:
            return
        with refusals_counted():
            g.caller = _identify()
        if allowed is None or g.caller.kind not in allowed:
            raise ForbiddenError(_remedy(g.caller.kind, allowed or ANYONE))
        _must_be_in_scope(request.environ[HOLDER])


def _can_be_stored(value: object) -> bool:
    return not isinstance(value, int) or value <= LARGEST_NUMBER


@contextmanager
def refusals_counted() -> Iterator[None]:
    """Count what is refused in the block against the client's address; TooManyRequestsError if it is too often."""
    try:
        yield
    except UnauthenticatedError:
        gate().fail(request.remote_addr or "")
        raise


def _identify() -> Caller:
    authorization = request.headers.get("Authorization", "")
    if bearer_key(authorization) is None:
        raise UnauthenticatedError("Send a key of your app: Authorization: Bearer pk_… or sk_….")
    holder = _holder(authorization)
    if holder is None:
        raise UnauthenticatedError(
            "This key is unknown, revoked or expired. `storefront key list` shows the app's keys."
        )
    origin = request.headers.get("Origin")
    if not may_come_from(holder, origin):
        raise OriginNotAllowedError("This publishable key may not be used from this web page's origin.")
    address = request.remote_addr or ""
    if VERDICT not in request.environ:
        request.environ[VERDICT] = gate().count(holder, address, request.method)
    verdict: Verdict | None = request.environ[VERDICT]
    if verdict is not None and verdict.retry_after is not None:
        raise too_many(verdict)
    if holder.kind is KeyKind.SECRET:
        return Caller(holder.app_id, CallerKind.SECRET, holder.key_id, address)
    return _shopper(holder, address)


def _holder(authorization: str) -> KeyHolder | None:
    if HOLDER in request.environ:
        # For the catalog the edge has looked it up, or knew it from a few seconds ago.
        return cast("KeyHolder | None", request.environ[HOLDER])
    if gate().is_tired_of(request.remote_addr or "") and not known_keys().knows(authorization):
        raise UnauthenticatedError("Too many keys from this address were refused: this one is not even looked up.")
    holder = request.environ[HOLDER] = known_keys().look_up(authorization)
    return holder


def _must_be_in_scope(holder: KeyHolder) -> None:
    rule = "" if request.url_rule is None else request.url_rule.rule
    area, is_write = scope_of(rule, request.method)
    if not allows(holder.scopes, area, is_write=is_write):
        wanted = f"{area}:{WRITE if is_write else READ}" if area else "all scopes"
        raise ForbiddenError(f"This secret key was not made for that: it needs {wanted}. `storefront key restrict`.")


def _shopper(holder: KeyHolder, address: str) -> Caller:
    token = request.headers.get(CUSTOMER_TOKEN)
    if token is not None:
        customer = services().customer_of(holder.app_id, token)
        return Caller(
            holder.app_id,
            CallerKind.CUSTOMER,
            holder.key_id,
            address,
            customer_id=customer.customer_id,
            until=customer.expires_at,
        )
    secret = request.headers.get(CHECKOUT_SECRET)
    if secret is None:
        return Caller(holder.app_id, CallerKind.PUBLISHABLE, holder.key_id, address)
    checkout_id = services().checkouts.of_secret(holder.app_id, secret)
    if checkout_id is None:
        raise UnauthenticatedError(f"{CHECKOUT_SECRET} is not the client_secret of a checkout of this app.")
    return Caller(holder.app_id, CallerKind.CHECKOUT, holder.key_id, address, checkout_id)


def _remedy(kind: CallerKind, allowed: frozenset[CallerKind]) -> str:
    if kind is CallerKind.PUBLISHABLE and CallerKind.CHECKOUT in allowed:
        return (
            f"A publishable key alone may not do this: send the checkout's client_secret as {CHECKOUT_SECRET}, "
            f"or a customer's token as {CUSTOMER_TOKEN}."
        )
    return "Only the secret key may do this: call it from your backend."

"""`Idempotency-Key` on POST routes: a repeated request gets the first one's result."""

import json
from collections.abc import Callable, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any, Final

from flask import Response, make_response, request

from foundation.errors import Fault, InvalidInputError
from payments.cards import CardDeclinedError, CardRefusedError
from payments.order_wishes import ChangeRefusedError
from storefront.api.access import caller
from storefront.api.problems import problem_of
from storefront.api.wiring import services
from storefront.checkout.errors import RejectedBySupplierError
from storefront.idempotency import Stored, scope_of

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
LONGEST: Final = 255
KEPT_HEADERS: Final = ("Location", "ETag", "Content-Type")
NOT_FROZEN: Final = HTTPStatus.ACCEPTED
"""An outcome that is not known yet is asked for anew at the next call."""

REFUSALS: Final = (RejectedBySupplierError, ChangeRefusedError, CardDeclinedError, CardRefusedError)

View = Callable[..., Any]


def idempotent(
    *, is_required: bool = False, is_accepted_final: bool = False, shown_once: Sequence[str] = ()
) -> Callable[[View], View]:
    """Honour the header; demand it where a repeated request must not act twice.

    A 202 is asked for anew at the next call, unless it is final: what was begun then has an address of its own.
    What is `shown_once`, a secret, is in the first answer alone: it is not kept, so no replay has it.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(*args: object, **kwargs: object) -> Response:
            key = _key(is_required=is_required)
            if key is None:
                return make_response(view(*args, **kwargs))
            return _once(
                key,
                lambda: make_response(view(*args, **kwargs)),
                is_accepted_final=is_accepted_final,
                shown_once=shown_once,
            )

        return wrapper

    return decorate


def _key(*, is_required: bool) -> str | None:
    key = request.headers.get(HEADER)
    if key is None and is_required:
        fault = Fault("", "idempotency_key_required", f"Send a new {HEADER} for each order, the same one for retries.")
        raise InvalidInputError(f"The header {HEADER} is required here.", [fault])
    if key is not None and not 1 <= len(key) <= LONGEST:
        raise InvalidInputError(f"{HEADER} must have 1 to {LONGEST} characters.")
    return key


def _once(key: str, run: Callable[[], Response], *, is_accepted_final: bool, shown_once: Sequence[str]) -> Response:
    keys = services().idempotency
    scope = scope_of(caller().identity, request.method, request.full_path, key)
    held = keys.claim(scope, request.get_data())
    if isinstance(held, Stored):
        response = Response(held.body, status=held.status, headers=held.headers)
        response.headers[REPLAYED] = "true"
        return response
    try:
        response = run()
    except REFUSALS as error:
        # A definite no is a result as good as a yes: the same order would be refused again.
        response = problem_of(error)
    except BaseException:
        keys.release(held)
        raise
    if response.status_code == NOT_FROZEN and not is_accepted_final:
        keys.release(held)
        return response
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    keys.store(held, Stored(response.status_code, headers, _without(response.get_data(), shown_once)))
    return response


def _without(body: bytes, members: Sequence[str]) -> bytes:
    if not members:
        return body
    return json.dumps({name: value for name, value in json.loads(body).items() if name not in members}).encode()

"""Spoilt answers."""

import time
from collections.abc import Iterator
from email.utils import formatdate
from http import HTTPStatus
from typing import Final

from flask import Response

from goody_emulator.caller import answer
from goody_emulator.faults.rules import Rule
from goody_emulator.state.timestamps import machine_time

_PIECES_PER_SECOND: Final = 10
_REFUSAL: Final = "Fault on order"


def refusal(rule: Rule) -> Response:
    """Return the answer of a request that is not acted on."""
    status = rule.status or HTTPStatus.SERVICE_UNAVAILABLE
    if rule.page:
        return _urging(rule, proxy_page(status))
    return _urging(rule, answer({"error": _REFUSAL if rule.error is None else rule.error}, status))


def lost(rule: Rule) -> Response:
    """Return what a proxy answers when the real answer did not reach it."""
    return _urging(rule, proxy_page(rule.status or HTTPStatus.GATEWAY_TIMEOUT))


def proxy_page(status: int) -> Response:
    """Return an HTML page of a status, as proxies send it."""
    heading = f"{status} {_phrase(status)}"
    page = f"<html><head><title>{heading}</title></head><body>{heading}</body></html>"
    return Response(page, status, mimetype="text/html")


def halved(response: Response) -> Response:
    """Return an answer with half of its JSON as if that were all."""
    whole = response.get_data()
    response.set_data(whole[: len(whole) // 2])
    return response


def broken_off(response: Response) -> Response:
    """Return an answer that announces its whole body, and ends in the middle of it."""
    whole = response.get_data()
    response.response = [whole[: len(whole) // 2]]
    response.headers["Content-Length"] = str(len(whole))
    return response


def dribbled(response: Response, seconds: float) -> Response:
    """Return an answer whose body takes so many seconds to come."""
    whole = response.get_data()
    response.response = _dribble(whole, seconds)
    response.headers["Content-Length"] = str(len(whole))
    return response


def _dribble(whole: bytes, seconds: float) -> Iterator[bytes]:
    pieces = min(len(whole), max(2, round(seconds * _PIECES_PER_SECOND)))
    for piece in range(pieces):
        time.sleep(seconds / pieces)
        yield whole[len(whole) * piece // pieces : len(whole) * (piece + 1) // pieces]


def _urging(rule: Rule, refused: Response) -> Response:
    if rule.retry_after is not None:
        as_date = rule.retry_after_as == "date"
        # By the machine's clock, which the client's is, and the Date header that stands beside it.
        refused.headers["Retry-After"] = (
            formatdate(machine_time() / 1000 + rule.retry_after, usegmt=True) if as_date else str(rule.retry_after)
        )
    return refused


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"

"""Lets the faults strike: before a request is acted on, or after."""

import time

from flask import Flask, Response, g, request

from goody_emulator.emulator import Emulator
from goody_emulator.faults import answers
from goody_emulator.faults.connections import CutConnection
from goody_emulator.faults.faults import Asked
from goody_emulator.faults.rules import Kind, Rule
from goody_emulator.requests.recording import OPERATIONS


def spoil(app: Flask, emulator: Emulator) -> None:
    """Let an application's answers be spoilt; call after what records its requests."""

    @app.before_request
    def before() -> Response | None:
        rule = emulator.faults.draw(_asked()) if request.path.startswith(OPERATIONS) else None
        if rule is None:
            return None
        g.rule, g.fault = rule, str(rule.kind)
        return _instead(rule)

    @app.after_request
    def after(response: Response) -> Response:
        return _spoilt(g.rule, response) if "rule" in g else response


def _asked() -> Asked:
    return Asked(
        request_id=g.request_id,
        method=request.method,
        path=request.path,
        query=request.query_string.decode(errors="replace"),
        body=request.get_data(),
        app_id=g.app.id if "app" in g else None,
    )


def _instead(rule: Rule) -> Response | None:
    """Return what is answered without acting, or None to act."""
    match rule.kind:
        case Kind.STATUS:
            return answers.refusal(rule)
        case Kind.RESET_BEFORE:
            return CutConnection(is_reset=True)
        case Kind.DELAY:
            time.sleep(rule.seconds or 0)
    return None


def _spoilt(rule: Rule, response: Response) -> Response:  # noqa: PLR0911 - one return per kind
    """Return what is answered after acting."""
    match rule.kind:
        case Kind.LOST_ANSWER:
            return answers.lost(rule)
        case Kind.MALFORMED:
            return answers.halved(response)
        case Kind.TRUNCATED:
            return answers.broken_off(response)
        case Kind.WRONG_TYPE:
            return answers.proxy_page(200)
        case Kind.SLOW:
            return answers.dribbled(response, rule.seconds or 0)
        case Kind.RESET_AFTER:
            return CutConnection(is_reset=True)
        case Kind.EMPTY:
            return CutConnection(is_reset=False)
    return response

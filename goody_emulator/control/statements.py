"""Get statements as the finance department does, and order mistakes in them."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, Response, request

from goody_emulator.caller import answer, caller, emulator
from goody_emulator.errors import RefusedError
from goody_emulator.inputs import read_body
from goody_emulator.money.notation import Dates, Encoding, Line, Notation, Style, written
from goody_emulator.money.statement_faults import Faults, Mistake
from goody_emulator.money.statements import PAYOUTS_HEADER, STORED_VALUE_HEADER, Period
from goody_emulator.money.wording import reworded
from goody_emulator.state import timestamps
from goody_emulator.state.timestamps import shown

Choice = TypeVar("Choice", bound=StrEnum)


def add_routes(blueprint: Blueprint) -> None:
    """Add the routes of this room."""
    blueprint.get("/stored_value/statement.csv")(stored_value_statement)
    blueprint.get("/payouts/statement.csv")(payouts_statement)
    blueprint.get("/statement_faults")(statement_faults)
    blueprint.put("/statement_faults")(put_statement_faults)


def stored_value_statement() -> Response:
    """Return the statement of an app's stored value for a period, as CSV."""
    app, period, style = caller(), _period(), _style()
    with emulator().store.reading():
        lines = emulator().treasury.statements.of_stored_value(app.id, period)
    return _csv("stored-value", STORED_VALUE_HEADER, lines, style)


def payouts_statement() -> Response:
    """Return the statement of an app's payouts in a period, as CSV."""
    lines = emulator().treasury.statements.of_payouts(caller().id, _period())
    return _csv("payouts", PAYOUTS_HEADER, lines, _style())


def statement_faults() -> Response:
    """Show the faults of an app's statements, and which lines they have spoilt how."""
    stored_value, payouts = emulator().treasury.statements.mistakes(caller().id)
    return answer(
        {
            "faults": emulator().treasury.statement_faults.of_app(caller().id),
            "stored_value": [_mistake(each) for each in stored_value],
            "payouts": [_mistake(each) for each in payouts],
        }
    )


def put_statement_faults() -> Response:
    """Let an app's statements have these faults, and no others."""
    faults = read_body(request.get_data(), Faults)
    emulator().treasury.statement_faults.put(caller().id, faults)
    return statement_faults()


def _period() -> Period:
    # The present millisecond has passed as far as anybody can tell, so what happened in it belongs to the statement.
    present = emulator().store.clock.now() + 1
    start, end = _moment("from", None), _moment("to", present)
    if end is None or (start is not None and start > end):
        raise RefusedError("`from` must not be later than `to`.")
    return Period(start, end)


def _moment(name: str, default: int | None) -> int | None:
    text = request.args.get(name, "")
    if not text:
        return default
    try:
        return timestamps.parsed(text)
    except (ValueError, OverflowError) as error:
        raise RefusedError(
            f"`{name}` must be a UTC date or a moment, such as 2026-06-01 or 2026-06-01T12:00:00Z."
        ) from (error)


def _style() -> Style:
    return Style(_choice("notation", Notation), _choice("encoding", Encoding), _choice("date", Dates))


def _choice(name: str, choices: type[Choice]) -> Choice:
    wanted = request.args.get(name) or next(iter(choices))
    try:
        return choices(wanted)
    except ValueError as error:
        raise RefusedError(f"`{name}` must be one of {', '.join(choices)}.") from error


def _csv(name: str, header: Sequence[str], lines: Sequence[Line], style: Style) -> Response:
    header, lines = reworded(emulator().quirks.of_app(caller().id), header, lines)
    answered = Response(
        written(header, lines, style), content_type=f"text/csv; charset={style.encoding}; header=present"
    )
    answered.headers["Content-Disposition"] = f'attachment; filename="{name}-statement.csv"'
    return answered


def _mistake(mistake: Mistake) -> dict[str, Any]:
    return {
        "fault": mistake.fault,
        "id": mistake.id,
        "order_id": mistake.order_id,
        "amount": mistake.amount,
        "shown_amount": mistake.shown_amount,
        "date": shown(mistake.moment),
        "shown_date": shown(mistake.shown_moment),
    }

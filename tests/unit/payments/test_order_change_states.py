"""The states of a change asked of an order."""

from payments.order_change_states import MOVES, OPEN, SHOWN, ChangeState

TERMINAL = {ChangeState.DONE, ChangeState.REFUSED, ChangeState.ABANDONED}


def test_every_state_can_be_reached_from_the_first() -> None:
    reached, found = set[ChangeState](), {ChangeState.SENDING}
    while found - reached:
        reached |= found
        found = {to for state in reached for to in MOVES[state]} | found
    assert reached == set(ChangeState)


def test_every_state_but_the_terminal_ones_can_be_left() -> None:
    assert {state for state in ChangeState if not MOVES[state] - {state}} == TERMINAL
    assert {state for state in ChangeState if state not in OPEN} == TERMINAL


def test_what_is_open_can_come_to_every_end() -> None:
    for state in OPEN:
        assert MOVES[state] >= TERMINAL


def test_a_change_shows_as_pending_exactly_while_it_is_open() -> None:
    assert {state for state in ChangeState if SHOWN[state] == "pending"} == set(OPEN)
    assert len({SHOWN[state] for state in TERMINAL}) == len(TERMINAL)

"""Cursors: what was written is read back, and nothing else is."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_sync.browsing.cursors import (
    AnyPosition,
    ChangePosition,
    PlacePosition,
    RowPosition,
    fingerprint,
    read_cursor,
    write_cursor,
)
from foundation.errors import InvalidInputError

QUESTION = fingerprint("app_one", "products", [], None, None, "name")
PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=200)
GENERATION = st.integers(1, 2**63 - 1)
NUMBER = st.integers(0, 2**63 - 1)
POSITIONS = st.one_of(
    st.builds(RowPosition, st.just(QUESTION), GENERATION, PLAIN, PLAIN),
    st.builds(PlacePosition, st.just(QUESTION), GENERATION, NUMBER, NUMBER),
    st.builds(ChangePosition, st.just(QUESTION), NUMBER, PLAIN, NUMBER),
)
KINDS: tuple[type[AnyPosition], ...] = (RowPosition, PlacePosition, ChangePosition)


@given(position=POSITIONS)
def test_round_trip_in_characters_that_a_url_takes(position: AnyPosition) -> None:
    cursor = write_cursor(position)
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert read_cursor(cursor, QUESTION, type(position)) == position


@given(
    st.one_of(st.text(max_size=100), st.binary(max_size=100).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
)
def test_garbage_is_refused(cursor: str) -> None:
    for kind in KINDS:
        with pytest.raises(InvalidInputError) as refused:
            read_cursor(cursor, QUESTION, kind)
        assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/cursor", "bad_cursor")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "rest",
    [
        "1,5",
        '-1,"a","b"',
        "0,-1,5",
        '9223372036854775808,"a","b"',
        "1,9223372036854775808,5",
        '1,null,"id"',
        '1,1.5,"id"',
        '1,"i\\u0000d","id"',
        '1,"text","id",0',
        '1,"a",["b"]',
    ],
)
def test_forged_positions_are_refused(kind: type[AnyPosition], rest: str) -> None:
    _refused_as_bad(f'["{QUESTION}",{rest}]'.encode(), kind)


@pytest.mark.parametrize("content", [b'{"question":"q"}', b"[" * 2000, b"[]", b"null", b'["q",1,5,"id"]'])
def test_what_is_no_position_at_all_is_refused(content: bytes) -> None:
    for kind in KINDS:
        _refused_as_bad(content, kind)


def _refused_as_bad(content: bytes, kind: type[AnyPosition]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_cursor(base64.urlsafe_b64encode(content).rstrip(b"=").decode(), QUESTION, kind)
    assert [fault.code for fault in refused.value.faults] == ["bad_cursor"]


def test_cursor_of_another_question_is_named_as_such() -> None:
    cursor = write_cursor(PlacePosition(QUESTION, 1, 5, 5))
    with pytest.raises(InvalidInputError) as refused:
        read_cursor(cursor, fingerprint("app_two"), RowPosition)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/cursor", "cursor_of_another_query")]


def test_fingerprints_tell_questions_apart() -> None:
    questions = [("a", None, 1), ("a", 1, None), ("a", "1", None), ("a", ["1"], None), ("a1", None, None)]
    assert len({fingerprint(*question) for question in questions}) == len(questions)

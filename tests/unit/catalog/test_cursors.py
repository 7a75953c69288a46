"""Cursors: what was written is read back, and nothing else is."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_sync.browsing.cursors import Position, fingerprint, read_cursor, write_cursor
from foundation.errors import InvalidInputError

QUESTION = fingerprint("app_one", "products", [], None, None, "name")
PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=200)


@given(generation=st.integers(1, 2**63 - 1), key=st.one_of(PLAIN, st.integers(-(2**63), 2**63 - 1)), row_id=PLAIN)
def test_round_trip_in_characters_that_a_url_takes(generation: int, key: str | int, row_id: str) -> None:
    position = Position(QUESTION, generation, key, row_id)
    cursor = write_cursor(position)
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert read_cursor(cursor, QUESTION, type(key)) == position


@given(
    st.one_of(st.text(max_size=100), st.binary(max_size=100).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
)
def test_garbage_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_cursor(cursor, QUESTION, int)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/cursor", "bad_cursor")]


@pytest.mark.parametrize(
    "content",
    [
        b'["q",1,5]',
        b'["q",0,5,"id"]',
        b'["q",-1,5,"id"]',
        b'["q",9223372036854775808,5,"id"]',
        b'["q",1,9223372036854775808,"id"]',
        b'["q",1,null,"id"]',
        b'["q",1,1.5,"id"]',
        b'["q",1,5,"i\\u0000d"]',
        b'["q",1,"text","id"]',
        b'{"question":"q"}',
        b"[" * 2000,
    ],
)
def test_forged_positions_are_refused(content: bytes) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_cursor(base64.urlsafe_b64encode(content).rstrip(b"=").decode(), "q", int)
    assert [fault.code for fault in refused.value.faults] == ["bad_cursor"]


def test_cursor_of_another_question_is_named_as_such() -> None:
    cursor = write_cursor(Position(QUESTION, 1, 5, "id"))
    with pytest.raises(InvalidInputError) as refused:
        read_cursor(cursor, fingerprint("app_two"), int)
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/cursor", "cursor_of_another_query")]


def test_fingerprints_tell_questions_apart() -> None:
    questions = [("a", None, 1), ("a", 1, None), ("a", "1", None), ("a", ["1"], None), ("a1", None, None)]
    assert len({fingerprint(*question) for question in questions}) == len(questions)

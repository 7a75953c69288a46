"""From text to words: folding, splitting, stems."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_sync.words import LONGEST_WORD, asked_words, stem, written_words


@pytest.mark.parametrize(
    "alike",
    [
        ("candle", "candles"),
        ("box", "boxes"),
        ("berry", "berries"),
        ("bake", "baking", "baked"),
        ("wrap", "wrapping", "wrapped"),
        ("glass", "glasses"),
        ("toy", "toys"),
        ("cookie", "cookies"),
        ("agree", "agreed"),
    ],
)
def test_inflections_share_a_stem(alike: tuple[str, ...]) -> None:
    assert len({stem(word) for word in alike}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("sing", "s"), ("king", "k"), ("business", "busy"), ("general", "generous"), ("24s", "24")]
)
def test_other_words_do_not(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Crème BRÛLÉE", ["creme", "brulee", "brule"]),
        ("L\u2019Occitane", ["loccitane", "loccitan", "l", "occitane", "occitan"]),
        ("a T-shirt", ["a", "tshirt", "t", "shirt"]),
        ("Straße ﬁne №5", ["strasse", "strass", "fine", "no5"]),
        ("日本酒 sake", ["日", "本", "酒", "sake"]),
        ("!!! 🎁 \x00 \ud800 '-'", []),
        ("", []),
    ],
)
def test_what_a_text_is_found_by(text: str, words: list[str]) -> None:
    assert list(written_words(text)) == words


def test_what_is_asked_is_folded_alike_and_bounded() -> None:
    assert asked_words("MOTHER'S day, Mothers", 16) == ["mothers", "day"]
    assert asked_words("t-shirt", 16) == ["t", "shirt"]
    assert asked_words("a b c d", 3) == ["a", "b", "c"]
    assert asked_words("x" * 10_000, 3) == ["x" * LONGEST_WORD]


@given(st.text(max_size=60))
def test_a_text_is_found_by_each_of_its_own_words(text: str) -> None:
    written = written_words(text)
    assert all(word in written for word in asked_words(text, 100))
    assert all(word.isalnum() and stem(word) for word in written)

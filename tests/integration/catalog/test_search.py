"""Full text search, the same on both databases: what is found, in which tier, and safely with any input."""

import threading
from collections.abc import Sequence
from functools import reduce
from typing import Final

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog_sync import search
from catalog_sync.browsing.matches import Matches, both, tiers_of
from catalog_sync.search import COLUMNS, MOST_WORDS, TABLE, SearchText, cut, forget, is_sqlite, match, next_docids
from catalog_sync.words import asked_words, stem, written_words
from foundation.database import Session, Sessions

NAME, BRAND, SUBTITLE, BODY = range(4)


def text(
    docid: int, name: str = "", brand: str = "", subtitle: str = "", body: str = "", app_id: str = "app_one"
) -> SearchText:
    return SearchText(docid, app_id, name, brand, subtitle, body)


def write(session: Session, texts: Sequence[SearchText]) -> None:
    search.write(session, cut(texts, is_sqlite=is_sqlite(session)))


def find(sessions: Sessions, query: str, app_id: str = "app_one") -> list[tuple[int, int]]:
    with sessions.read() as session:
        return sorted(match(session, app_id, query))


@pytest.fixture
def shelf(sessions: Sessions) -> Sessions:
    with sessions.begin() as session:
        write(
            session,
            [
                text(1, "Chocolate Box", "Maison Crème", "Dark and bitter", "Twelve pieces, hand-made in Vermont"),
                text(2, "Truffles", "Chocolate House", "A box of nine", "Good with wine"),
                text(3, "Tasting set", "Maison Crème", "Chocolates", "Nine boxes"),
                text(4, "Mother's Day Candle", "L'Occitane", "", "Smells of chocolate"),
                text(5, "Chocolate Box", "Other", app_id="app_two"),
            ],
        )
    return sessions


FOUND: Final[dict[str, list[tuple[int, int]]]] = {
    "chocolate": [(1, NAME), (2, BRAND), (3, SUBTITLE), (4, BODY)],
    "CHOCOLATES": [(1, NAME), (2, BRAND), (3, SUBTITLE), (4, BODY)],
    "choc bo": [(1, NAME), (2, SUBTITLE), (3, BODY)],
    "bo choc": [(1, NAME), (2, SUBTITLE), (3, BODY)],
    "box": [(1, NAME), (2, SUBTITLE), (3, BODY)],
    "maison creme": [(1, BRAND), (3, BRAND)],
    "crème": [(1, BRAND), (3, BRAND)],
    "truffle": [(2, NAME)],
    "handmade": [(1, BODY)],
    "hand-made": [(1, BODY)],
    "occitane": [(4, BRAND)],
    "l'occ": [(4, BRAND)],
    "mothers day": [(4, NAME)],
    "chocolate nothing": [],
    "ocolate": [],
    "chocolate*": [(1, NAME), (2, BRAND), (3, SUBTITLE), (4, BODY)],
}
OPERATORS: Final[dict[str, list[tuple[int, int]]]] = {
    'chocolate" "wine': [(2, BODY)],
    "chocolate OR wine": [],
    "NEAR(chocolate wine)": [],
    "name : chocolate ^": [],
    "chocolate' | 'wine": [(2, BODY)],
    "!chocolate & (wine)": [(2, BODY)],
    "choco:* wine": [(2, BODY)],
    "chocolate\\' wine": [(2, BODY)],
    "wine); DROP TABLE listing_texts; --": [],
}

WORDLESS: Final = ("", " ", "!!!", "🎁", "\x00", "\ud800", '"', "'", "(", "*", ":", "&", "|", "\\", "--", "''", "';")


def test_every_word_begins_one_of_the_listing_s(shelf: Sessions) -> None:
    assert {query: find(shelf, query) for query in FOUND} == FOUND


def test_words_found_one_by_one_and_put_together_are_what_all_of_them_find(shelf: Sessions) -> None:
    for query, found in FOUND.items():
        tiers = [tiers_of(find(shelf, word), 8) for word in asked_words(query, MOST_WORDS)]
        matches = Matches(reduce(both, tiers), 8)
        assert list(matches.order.places) == [docid for docid, _tier in sorted(found, key=lambda each: each[::-1])]
        assert matches.selection.places() == sorted(docid for docid, _tier in found)


def test_operators_mean_nothing(shelf: Sessions) -> None:
    assert {query: find(shelf, query) for query in OPERATORS} == OPERATORS
    assert find(shelf, "truffles") == [(2, NAME)]


def test_a_question_without_words_finds_nothing(shelf: Sessions) -> None:
    assert [find(shelf, query) for query in WORDLESS] == [[]] * len(WORDLESS)


def test_only_so_many_words_count(shelf: Sessions) -> None:
    assert find(shelf, "chocolate box " * 1000) == [(1, NAME), (2, SUBTITLE), (3, BODY)]
    distinct = " ".join(f"w{number}" for number in range(2000))
    assert find(shelf, distinct) == []
    assert find(shelf, "x" * 10_000) == []
    with shelf.begin() as session:
        write(session, [text(9, " ".join(f"w{number}" for number in range(MOST_WORDS)))])
    assert find(shelf, distinct) == [(9, NAME)]


def test_an_app_finds_only_its_own(shelf: Sessions) -> None:
    assert find(shelf, "chocolate", "app_two") == [(5, NAME)]
    assert find(shelf, "chocolate", "app_three") == []


def test_forgotten_ones_are_not_found(shelf: Sessions) -> None:
    with shelf.begin() as session:
        forget(session, [1, 3, 77])
        forget(session, [])
        write(session, [])
    assert find(shelf, "chocolate") == [(2, BRAND), (4, BODY)]
    with shelf.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(sa.table(TABLE))) == 3


def test_texts_of_any_size_are_taken(sessions: Sessions) -> None:
    words = " ".join(f"word{number}" for number in range(200_000))
    with sessions.begin() as session:
        write(session, [text(1, "x" * 100_000, body=words), text(2, "日本" * 30_000)])
    assert find(sessions, "x" * 50) == [(1, NAME)]
    assert find(sessions, "word100") == [(1, BODY)]
    assert find(sessions, "本 日") == [(2, NAME)]


ODD = st.text(
    st.one_of(
        st.sampled_from("aābcçeéiIıİsſß'’-\"*:&|!()\\ \t\n\x00ﬁ²Ⅷ日本カがไทยक्षि한글🎁ÅΣς"),
        st.characters(),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(ODD, ODD, ODD, ODD), min_size=1, max_size=4), data=st.data())
def test_both_databases_find_what_the_words_say(
    sessions: Sessions, texts: list[tuple[str, str, str, str]], data: st.DataObject
) -> None:
    piece = st.sampled_from([part for each in texts for part in each])
    query = data.draw(ODD | piece | st.tuples(piece, st.integers(1, 5)).map(lambda cut: cut[0][: cut[1]]))
    with sessions.begin() as session:
        docids = next_docids(session, len(texts))
        write(session, [text(docid, *each) for docid, each in zip(docids, texts, strict=True)])
    expected = [(docid, tier) for docid, each in zip(docids, texts, strict=True) for tier in _tiers(each, query)]
    assert find(sessions, query) == expected
    with sessions.begin() as session:
        forget(session, docids)


def _tiers(columns: tuple[str, ...], query: str) -> list[int]:
    """The best tier of a listing, as the only item; empty if it is not found."""
    asked = asked_words(query, MOST_WORDS)
    for tier in range(len(COLUMNS)):
        words = {word for column in columns[: tier + 1] for word in written_words(column)}
        if asked and all(any(w.startswith(a) for w in words) or stem(a) in words for a in asked):
            return [tier]
    return []


def test_numbers_are_given_to_one_publication_alone(sessions: Sessions) -> None:
    taken: list[int] = []

    def publish() -> None:
        for _ in range(20):
            with sessions.begin() as session:
                taken.extend(next_docids(session, 7))

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 1 + 4 * 20 * 7))

"""The room that answers take, and threads that ask at once."""

import gzip
from concurrent.futures import ThreadPoolExecutor

from storefront.edge.entry import OVERHEAD, Entry
from storefront.edge.responses import Question, ResponseCache
from tests.unit.edge.small import BODY, Stage

ROOM = 200_000


def entry(size: int) -> Entry:
    return Entry("/v1/products", [("Content-Type", "application/json")], '"tag"', b"x" * (size - OVERHEAD))


def question(number: int) -> Question:
    return "one", "pk", 1, "/v1/products", f"cursor={number}"


def test_the_room_is_never_exceeded() -> None:
    cache = ResponseCache(ROOM)
    for number in range(200):
        cache.keep(question(number), entry(5000))
        assert cache.kept_bytes <= ROOM
    assert cache.kept_bytes > ROOM / 3
    assert cache.get(question(199)) is not None
    assert cache.get(question(0)) is None


def test_what_is_asked_for_stays() -> None:
    cache = ResponseCache(ROOM)
    cache.keep(question(0), entry(5000))
    for number in range(1, 200):
        cache.keep(question(number), entry(5000))
        assert cache.get(question(0)) is not None
        assert cache.kept_bytes <= ROOM


def test_what_is_too_large_is_not_kept_and_pushes_nothing_out() -> None:
    cache = ResponseCache(ROOM)
    cache.keep(question(0), entry(5000))
    cache.keep(question(1), entry(ROOM // 8 + 1))
    assert (cache.get(question(0)) is None, cache.get(question(1)) is None) == (False, True)


def test_without_room_nothing_is_kept() -> None:
    stage = Stage(most_bytes=0)
    assert [stage.get().data, stage.get().data] == [BODY, BODY]
    assert stage.calls == 2


def test_gzipped_bytes_are_reckoned_with() -> None:
    stage = Stage(most_bytes=ROOM)
    packed = len(stage.get(ACCEPT_ENCODING="gzip").data)
    assert packed < len(BODY) / 2
    assert stage.responses.kept_bytes == OVERHEAD + len(BODY) + packed
    for number in range(100):
        stage.get(f"/v1/products?page={number}", ACCEPT_ENCODING="gzip")
        assert stage.responses.kept_bytes <= ROOM


def test_threads_that_ask_at_once_all_get_it_right() -> None:
    stage = Stage(most_bytes=ROOM)

    def ask(number: int) -> bool:
        stage.generations["one"] = number // 50
        answer = stage.get(f"/v1/products?page={number % 40}", ACCEPT_ENCODING="gzip" if number % 3 else "")
        body = gzip.decompress(answer.data) if answer.headers.get("Content-Encoding") else answer.data
        return (
            answer.status_code == 200
            and body == BODY
            and answer.headers.getlist("Content-Length") == [str(len(answer.data))]
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(2000)))
    assert sum(stage.traffic.everything().requests.values()) == 2000
    assert stage.responses.kept_bytes <= ROOM

"""What is answered from the cache, what is not, and that nobody can tell but by the time it takes."""

import gzip
import os

import pytest

from foundation.keys import KeyHolder
from storefront.edge.edge import HOLDER
from storefront.gate.origins import ANY
from tests.unit.edge.small import BODY, Stage


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_repeated_question_is_answered_alike_without_flask(stage: Stage) -> None:
    first, again = stage.get("/v1/products?sort=price"), stage.get("/v1/products?sort=price")
    assert stage.calls == 1
    assert (first.status, first.data) == (again.status, again.data) == ("200 OK", BODY)
    made = {name: value for name, value in first.headers.items() if name != "X-Request-Id"}
    assert made == {name: value for name, value in again.headers.items() if name != "X-Request-Id"}
    assert made == {**stage.behind.headers, **dict(ANY), "Content-Length": str(len(BODY))}


def test_each_answer_has_an_id_of_its_own_or_the_callers(stage: Stage) -> None:
    assert stage.get().headers["X-Request-Id"] == "req_1"
    ids = {stage.get().headers["X-Request-Id"] for _ in range(5)}
    assert len(ids) == 5
    assert all(made.startswith("req_") and len(made) == 28 for made in ids)
    assert stage.get(X_REQUEST_ID="mine").headers["X-Request-Id"] == "mine"
    assert stage.get(X_REQUEST_ID="x" * 129).headers["X-Request-Id"].startswith("req_")


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/v1/products?sort=price", "pk_one"),
        ("/v1/products?", "sk_one"),
        ("/v1/products", "pk_two"),
        ("/v1/products/1", "pk_one"),
        ("/v1/products?a=%2F", "pk_one"),
    ],
)
def test_another_question_or_another_caller_gets_an_answer_of_its_own(stage: Stage, path: str, key: str) -> None:
    stage.get("/v1/products")
    stage.behind.body = b"{}"
    assert stage.get(path, key=key).data == b"{}"
    assert stage.get("/v1/products").data == BODY
    assert stage.calls == 2


@pytest.mark.parametrize("path", ["/v1/brands", "/v1/cards?occasion=x", "/v1/collections/mugs", "/v1/products/filters"])
def test_all_of_the_catalog_is_kept(stage: Stage, path: str) -> None:
    stage.get(path)
    stage.get(path)
    assert stage.calls == 1


@pytest.mark.parametrize("path", ["/v1/changes", "/v1/orders", "/v1/events", "/healthz", "/"])
def test_other_paths_are_flasks(stage: Stage, path: str) -> None:
    for _ in range(2):
        stage.get(path)
    assert stage.calls == 2
    assert stage.looked_up == []
    assert HOLDER not in stage.behind.asked[0]


@pytest.mark.parametrize(
    "headers",
    [
        {"COOKIE": "a=b"},
        {"X_CHECKOUT_SECRET": "chk_secret"},
        {"X_CUSTOMER_TOKEN": "eyJ"},
        {"IF_MATCH": '"tag"'},
        {"RANGE": "bytes=0-1"},
        {"CONTENT_LENGTH": "2"},
        {"TRANSFER_ENCODING": "chunked"},
    ],
)
def test_a_question_that_is_not_everybodys_is_flasks(stage: Stage, headers: dict[str, str]) -> None:
    stage.get()
    stage.get(**headers)
    stage.get(**headers)
    assert stage.calls == 3
    assert HOLDER not in stage.behind.asked[1]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_flasks(stage: Stage, method: str) -> None:
    stage.get()
    stage.get(method=method)
    assert stage.calls == 2


@pytest.mark.parametrize(
    ("status", "changed"),
    [
        ("404 NOT FOUND", {}),
        ("500 INTERNAL SERVER ERROR", {}),
        ("206 PARTIAL CONTENT", {}),
        ("200 OK", {"Cache-Control": "no-store"}),
        ("200 OK", {"Cache-Control": "private, max-age=60"}),
        ("200 OK", {"ETag": ""}),
        ("200 OK", {"ETag": 'W/"tag"'}),
    ],
)
def test_what_is_not_public_or_not_fine_is_not_kept(stage: Stage, status: str, changed: dict[str, str]) -> None:
    stage.behind.status = status
    stage.behind.headers |= changed
    for number in (1, 2):
        answer = stage.get()
        assert (answer.status, answer.data, answer.headers["X-Request-Id"]) == (status, BODY, f"req_{number}")
        assert stage.calls == number
    assert stage.get(method="HEAD").data == b""


def test_a_new_generation_is_asked_about_anew(stage: Stage) -> None:
    stage.get()
    stage.get(key="pk_two")
    stage.generations["one"] = 2
    stage.behind.body = b"{}"
    assert stage.get().data == b"{}"
    assert stage.get(key="pk_two").data == BODY
    assert stage.calls == 3


def test_an_answer_of_another_generation_is_given_but_not_kept(stage: Stage) -> None:
    stage.behind.generation = 7
    for _ in range(2):
        assert stage.get().data == BODY
    assert stage.calls == 2
    stage.behind.generation = 1
    stage.get()
    stage.get()
    assert stage.calls == 3


@pytest.mark.parametrize("known", ['"tag"', 'W/"tag"', '"other", "tag"', '"other",W/"tag"', "*", ' "tag" '])
def test_a_known_answer_is_304(stage: Stage, known: str) -> None:
    for _ in ("miss", "hit"):
        answer = stage.get(IF_NONE_MATCH=known)
        assert (answer.status, answer.data) == ("304 NOT MODIFIED", b"")
        assert {name.lower() for name in answer.headers.keys()} == {  # noqa: SIM118  werkzeug's iterate in pairs
            "etag",
            "cache-control",
            "vary",
            "link",
            "x-content-type-options",
            "x-request-id",
            "access-control-allow-origin",
            "access-control-expose-headers",
        }
        assert answer.headers["ETag"] == '"tag"'
    assert stage.calls == 1
    assert stage.get().data == BODY


@pytest.mark.parametrize("known", ['"other"', "", "tag", '"tag', '"ta"', 'W/"other", "x"'])
def test_an_unknown_tag_gets_the_whole_answer(stage: Stage, known: str) -> None:
    for _ in ("miss", "hit"):
        assert stage.get(IF_NONE_MATCH=known).data == BODY


def test_head_has_the_headers_and_no_body(stage: Stage) -> None:
    head = stage.get(method="HEAD", ACCEPT_ENCODING="gzip")
    whole = stage.get(ACCEPT_ENCODING="gzip")
    assert stage.calls == 1
    assert (head.status, head.data) == ("200 OK", b"")
    for name in ("ETag", "Content-Length", "Content-Encoding", "Content-Type", "Vary", "Cache-Control"):
        assert head.headers[name] == whole.headers[name]
    assert stage.get(method="HEAD", IF_NONE_MATCH="*").status == "304 NOT MODIFIED"


@pytest.mark.parametrize(
    "accepted", ["gzip", "br, GZIP;q=0.5", "x-gzip", "*", "gzip, identity;q=0.5", "identity;q=0, gzip"]
)
def test_gzip_for_those_who_take_it_under_a_tag_of_its_own(stage: Stage, accepted: str) -> None:
    for _ in ("miss", "hit"):
        packed = stage.get(ACCEPT_ENCODING=accepted)
        assert gzip.decompress(packed.data) == BODY
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.headers["ETag"] == '"tag-gzip"'
        assert packed.headers["Content-Length"] == str(len(packed.data))
    plain = stage.get()
    assert (plain.data, plain.headers["ETag"]) == (BODY, '"tag"')
    assert "Content-Encoding" not in plain.headers
    assert stage.calls == 1


@pytest.mark.parametrize(
    "accepted", ["", "br", "gzip;q=0", "gzip;q=0, *", "identity, gzip;q=0.5", "gzip;q=x", "nogzip"]
)
def test_no_gzip_for_those_who_do_not(stage: Stage, accepted: str) -> None:
    answer = stage.get(ACCEPT_ENCODING=accepted)
    assert (answer.data, answer.headers["ETag"]) == (BODY, '"tag"')


def test_either_form_is_known_by_its_tag(stage: Stage) -> None:
    for known in ('"tag"', '"tag-gzip"', 'W/"tag-gzip"'):
        for accepted in ("gzip", "identity"):
            answer = stage.get(IF_NONE_MATCH=known, ACCEPT_ENCODING=accepted)
            assert answer.status == "304 NOT MODIFIED"
            assert answer.headers["ETag"] == known.removeprefix("W/")
            assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("body", [b"{}", os.urandom(2000)])
def test_what_gzip_would_not_make_smaller_is_sent_as_it_is(stage: Stage, body: bytes) -> None:
    stage.behind.body = body
    for _ in ("miss", "hit"):
        answer = stage.get(ACCEPT_ENCODING="gzip")
        assert (answer.data, answer.headers["ETag"]) == (body, '"tag"')


def test_a_key_is_looked_up_once_in_a_few_seconds(stage: Stage) -> None:
    stage.get()
    stage.get("/v1/brands")
    assert stage.looked_up == ["pk_one"]
    assert stage.behind.asked[1][HOLDER] == stage.holders["pk_one"]
    stage.now = 5.1
    stage.get()
    assert stage.looked_up == ["pk_one", "pk_one"]


def test_a_revoked_key_stops_within_seconds(stage: Stage) -> None:
    stage.get()
    del stage.holders["pk_one"]
    stage.now = 4.9
    assert stage.get().data == BODY
    stage.now = 5.1
    stage.behind.status, stage.behind.body = "401 UNAUTHORIZED", b"no"
    assert stage.get().data == b"no"


def test_a_refused_key_is_asked_about_each_time_but_once_per_request(stage: Stage) -> None:
    stage.get(key="pk_new")
    assert stage.behind.asked[0][HOLDER] is None
    stage.holders["pk_new"] = KeyHolder("one", "key_9", stage.holders["pk_one"].kind)
    stage.get(key="pk_new")
    assert stage.looked_up == ["pk_new", "pk_new"]
    assert stage.behind.asked[1][HOLDER].key_id == "key_9"

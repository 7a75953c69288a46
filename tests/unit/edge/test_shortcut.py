"""Answers that are made in front of Flask: sent and kept like Flask's own."""

from typing import Any

import pytest
import structlog

from storefront.edge.entry import Entry
from storefront.edge.responses import Question
from tests.unit.edge.small import BODY, Stage

HEADERS = [("Content-Type", "application/json"), ("Cache-Control", "public, max-age=60")]
TAG = '"made"'


class Made:
    """Answers every question, and remembers what was asked and what a log line would have borne."""

    def __init__(self, generation: int = 1) -> None:
        self.generation = generation
        self.asked: list[Question] = []
        self.bound: list[dict[str, Any]] = []

    def __call__(self, question: Question) -> tuple[Entry, int]:
        self.asked.append(question)
        self.bound.append(structlog.contextvars.get_contextvars())
        return Entry("/v1/products", HEADERS, TAG, BODY), self.generation


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_it_is_sent_as_flask_would_and_kept(stage: Stage) -> None:
    made = stage.shortcut = Made()
    first, again = stage.get("/v1/products?sort=price"), stage.get("/v1/products?sort=price")
    for answer in (first, again):
        assert (answer.status, answer.data, answer.headers["ETag"]) == ("200 OK", BODY, TAG)
        assert answer.headers["Content-Length"] == str(len(BODY))
    assert made.asked == [("one", "pk", 1, "/v1/products", "sort=price")]
    assert stage.calls == 0
    assert stage.get("/v1/products?x=1", method="HEAD").data == b""
    assert stage.get("/v1/products?x=2", IF_NONE_MATCH=TAG).status_code == 304
    counted = {kind[1:]: number for kind, number in stage.traffic.everything().requests.items()}
    assert counted == {
        ("GET", "200", "miss"): 1,
        ("GET", "200", "hit"): 1,
        ("HEAD", "200", "miss"): 1,
        ("GET", "304", "miss"): 1,
    }


def test_of_another_generation_it_is_given_and_not_kept(stage: Stage) -> None:
    made = stage.shortcut = Made(generation=7)
    assert [stage.get().data for _ in range(2)] == [BODY, BODY]
    assert len(made.asked) == 2


def test_what_is_logged_meanwhile_bears_the_id_that_the_caller_gets(stage: Stage) -> None:
    made = stage.shortcut = Made()
    ids = [stage.get("/v1/products?x=1").headers["X-Request-Id"], "mine"]
    assert stage.get("/v1/products?x=2", X_REQUEST_ID="mine").headers["X-Request-Id"] == "mine"
    assert made.bound == [{"request_id": each} for each in ids]


def test_nobody_gets_one_who_may_not_ask_for_it(stage: Stage) -> None:
    made = stage.shortcut = Made()
    stage.get(key="pk_nobody")
    stage.get(method="POST")
    stage.get(X_CUSTOMER_TOKEN="token")
    assert made.asked == []
    assert stage.calls == 3

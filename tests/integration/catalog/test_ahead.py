"""Listings of a first publication that are written while the supplier is read: taken up where right, else replaced."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from catalog_sync import search
from catalog_sync.curation.model import Action, Curation, Override, Rule, SeenOverride
from catalog_sync.publishing.ahead import Ahead
from foundation.database import Sessions
from foundation.goody.reading import read_product

from .publishing_stage import PublishingStage, hash_of
from .supplier import SteppingClock, product

Item = Mapping[str, Any]


@pytest.fixture
def stage(sessions: Sessions, app_id: str, clock: SteppingClock) -> PublishingStage:
    return PublishingStage(sessions, app_id, clock)


def write_ahead(stage: PublishingStage, items: Sequence[Item]) -> None:
    ahead = Ahead(stage.claim)
    raws = [msgspec.json.encode(item).decode() for item in items]
    ahead.take([(read_product(raw.encode()), hash_of(raw)) for raw in raws])
    ahead.finish()
    ahead.close()


def found(stage: PublishingStage, query: str) -> list[int]:
    with stage.sessions.read() as session:
        return sorted(docid for docid, _tier in search.match(session, stage.app_id, query))


def test_what_is_right_is_taken_up(stage: PublishingStage) -> None:
    items = [product(number) for number in range(300)]
    stage.supply(items)
    write_ahead(stage, items)
    before = stage.versions()
    assert (len(before), {version for _, _, version in before}) == (300, {1})
    published = stage.publish()
    assert (published.generation, published.entered, published.changed) == (1, 300, 0)
    assert stage.versions() == before
    assert stage.changes() == {(each["id"], 1, "entered") for each in items}
    assert not stage.publish().is_new


def test_what_turned_out_otherwise_is_replaced(stage: PublishingStage) -> None:
    stage.supply([product(number, name=f"Word{number}") for number in range(1, 6)])
    sent = [product(number, name=f"Word{number}") for number in range(1, 4)]
    gone = product(9, name="Word9")
    write_ahead(stage, [*sent, product(4, name="Older"), gone])
    out = Rule("out", {"product": ["product-0001"]}, Action.EXCLUDE)
    override = SeenOverride(Override(title="Ours"), {})
    published = stage.publish(Curation(rules=(out,), overrides={"product-0002": override}))
    assert (published.entered, published.changed, published.left) == (4, 0, 0)
    names = {each: document["name"] for each, document in stage.documents().items()}
    assert names == {"product-0002": "Ours", "product-0003": "Word3", "product-0004": "Word4", "product-0005": "Word5"}
    assert [product_id for product_id, _, _ in stage.versions()] == sorted(names)
    docids = {product_id: docid for product_id, docid, _ in stage.versions()}
    words = ("word1", "word2", "ours", "word3", "word4", "older", "word5", "word9")
    assert {word: found(stage, word) for word in words} == {
        "word1": [],
        "word2": [],
        "ours": [docids["product-0002"]],
        "word3": [docids["product-0003"]],
        "word4": [docids["product-0004"]],
        "older": [],
        "word5": [docids["product-0005"]],
        "word9": [],
    }


def test_what_a_killed_run_wrote_is_taken_up_by_the_next(stage: PublishingStage) -> None:
    items = [product(number) for number in range(20)]
    stage.supply(items)
    write_ahead(stage, items[:7])
    write_ahead(stage, items[7:9])
    written = set(stage.versions())
    assert stage.publish().entered == 20
    assert written < set(stage.versions())

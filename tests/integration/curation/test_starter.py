"""The starter set, on the emulator's catalog: what its documentation says it matches, and what must never be mixed."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog_sync.curation.evaluation import Evaluation
from catalog_sync.curation.model import Curation
from catalog_sync.curation.placement import Placement
from catalog_sync.curation.reading import read_curation, write_curation
from catalog_sync.curation.starter import starter
from foundation.goody.reading import read_product
from foundation.goody.resources import Product
from foundation.http import HttpClient
from tests.emulator.program import running
from tests.integration.catalog.supplier import SteppingClock

GUIDE = Path(__file__).parents[3] / "docs" / "curation.md"


@pytest.fixture(scope="module")
def emulated() -> list[Product]:
    """Every active product that an emulator of the usual size offers."""
    headers = {"Authorization": "Bearer goody_token_commerce_starter"}
    with running() as base_url, HttpClient(base_url, headers=headers) as http:
        return [product for page in _pages(http) for product in page if product.status == "active"]


def _pages(http: HttpClient) -> Iterator[list[Product]]:
    number = 1
    while True:
        items = json.loads(http.get(f"/v1/products?page={number}&per_page=100").body)["data"]
        if not items:
            return
        yield [read_product(json.dumps(item).encode()) for item in items]
        number += 1


@pytest.fixture(scope="module")
def placed(emulated: list[Product]) -> tuple[Evaluation, dict[str, Placement]]:
    evaluation = Evaluation(starter(), Counter(product.brand.id for product in emulated))
    return evaluation, {product.id: evaluation.place(product, SteppingClock()()) for product in emulated}


def test_its_hit_counts_are_those_of_its_documentation(placed: tuple[Evaluation, dict[str, Placement]]) -> None:
    table = GUIDE.read_text(encoding="utf-8").partition("| rule | products |")[2]
    told = dict(re.findall(r"^\| (.+?) \| (\d+) \|$", table, re.MULTILINE))
    assert {hit.name: str(hit.count) for hit in placed[0].hits} == told


def test_every_product_stands_on_a_shelf(
    emulated: list[Product], placed: tuple[Evaluation, dict[str, Placement]]
) -> None:
    parents = {each.handle: each.parent for each in starter().collections}
    shelves = {handle for handle, parent in parents.items() if parent != "occasions"} - {
        "occasions", "new-in", "under-25", "under-50", "splurge", "good-cause",
    }  # fmt: skip
    assert [product.name for product in emulated if not placed[1][product.id].collections & shelves] == []


def test_no_knife_and_no_wine_is_among_the_things_for_children(
    emulated: list[Product], placed: tuple[Evaluation, dict[str, Placement]]
) -> None:
    children = [each for each in emulated if placed[1][each.id].collections & {"kids-baby", "new-baby"}]
    assert children
    risky = re.compile(r"knife|wine|cider|red blend|sparkling|gift card|dog|cat\b", re.IGNORECASE)
    assert [each.name for each in children if risky.search(f"{each.name} {each.brand.name}")] == []
    assert any(risky.search(each.name) for each in emulated)


def test_it_reads_as_it_is_written() -> None:
    assert read_curation(write_curation(starter())) == starter()
    assert starter() != Curation()

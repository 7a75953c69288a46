"""What is served of a product, a brand and a card."""

from typing import Any

import msgspec
import pytest

from catalog_sync.curation.placement import Placement
from catalog_sync.placing import APART, Placing, members, open_document, read_members
from catalog_sync.publishing.documents import (
    GiftCollection,
    brand_document,
    card_document,
    name_key,
    occasion_key,
    occasion_keys,
    product_documents,
    search_body,
)
from catalog_sync.publishing.html import sanitize, text_of
from catalog_sync.publishing.layers import Layer, layers
from catalog_sync.shipping import price_with_shipping
from foundation.goody.reading import read_card, read_product
from foundation.goody.resources import Brand, Product, ProductAttribute

BRAND = Brand("b1", "Maker", shipping_price=700, free_shipping_minimum=5000, commerce_revshare_excluded=True)
PRODUCT = read_product(
    msgspec.json.encode(
        {
            "id": "p1",
            "name": "Six Cookies",
            "brand": msgspec.to_builtins(BRAND),
            "subtitle": "Baked today.",
            "subtitle_short": None,
            "recipient_description": "Cookies for you.",
            "variants_label": "Flavour",
            "variants_num_selectable": 2,
            "variants": [{"id": "v1", "name": "Sugar"}],
            "variant_groups": [{"id": "g1", "name": "Flavour", "options": [{"id": "o1", "name": "Sugar"}]}],
            "images": [{"id": "i1", "image_large": {"url": "https://assets.example/1.png", "width": 2, "height": 3}}],
            "price": 1000,
            "price_is_variable": False,
            "restricted_states": ["HI"],
            "attributes": [{"label": "Made", "content": "<p>Here</p><script>alert(1)</script>"}],
            "updated_at": "2026-06-03T12:25:19Z",
            "status": "active",
        }
    )
)
BRAND_SHOWN: dict[str, Any] = {
    "id": "b1",
    "name": "Maker",
    "logo_image": None,
    "shipping_price": 700,
    "free_shipping_minimum": 5000,
    "brand_values": [],
}


def test_whole_document() -> None:
    _summary, document = product_documents(PRODUCT, GiftCollection("c1", "Bakes"))
    ending = members(Placing(("warm",), ("baking", "gifts")))
    variant = {"id": "v1", "name": "Sugar", "subtitle": None, "image_large": None}
    option = variant | {"id": "o1", "color": None}
    assert msgspec.json.decode(open_document(document) + ending) == {
        "id": "p1",
        "name": "Six Cookies",
        "brand": BRAND_SHOWN,
        "subtitle": "Baked today.",
        "subtitle_short": None,
        "recipient_description": "Cookies for you.",
        "variants_label": "Flavour",
        "variants_num_selectable": 2,
        "variants": [variant],
        "variant_groups": [{"id": "g1", "name": "Flavour", "options": [option]}],
        "images": [{"id": "i1", "image_large": {"url": "https://assets.example/1.png", "width": 2, "height": 3}}],
        "price": 1000,
        "price_is_variable": False,
        "price_min": None,
        "price_max": None,
        "price_with_shipping": 1700,
        "currency": "USD",
        "restricted_states": ["HI"],
        "attributes": [{"label": "Made", "content": "<p>Here</p>"}],
        "tags": ["warm"],
        "collections": ["baking", "gifts"],
        "gift_collection": {"id": "c1", "title": "Bakes"},
        "updated_at": "2026-06-03T12:25:19Z",
    }


def test_how_a_document_ends_can_be_read_again() -> None:
    placing = Placing(('It\'s "warm"',), ("baking",))
    assert read_members(members(placing)) == placing
    assert (open_document(b'{"a":1}') + APART, read_members(APART)) == (b'{"a":1}', Placing())


def test_list_document_leaves_out_what_only_a_product_page_shows() -> None:
    summary, document = (msgspec.json.decode(each) for each in product_documents(PRODUCT, None))
    left_out = {"recipient_description", "variant_groups", "attributes"}
    assert summary == {name: value for name, value in document.items() if name not in left_out}


def test_brand_document_keeps_the_exclusion_to_itself() -> None:
    assert msgspec.json.decode(brand_document(BRAND)) == BRAND_SHOWN | {"currency": "USD"}


def test_card_document_is_goodys() -> None:
    image = {"url": "https://assets.example/card.png", "width": 800, "height": 1130}
    card = {"id": "c1", "image": image, "image_thumb": image, "occasions": ["Birthday"]}
    assert msgspec.json.decode(card_document(read_card(msgspec.json.encode(card)))) == card


@pytest.mark.parametrize(("price", "expected"), [(0, 700), (4999, 5699), (5000, 5000), (5001, 5001)])
def test_shipping_is_free_from_the_minimum_upward(price: int, expected: int) -> None:
    assert price_with_shipping(_priced(price, BRAND)) == expected


def test_shipping_is_never_free_without_a_minimum() -> None:
    assert price_with_shipping(_priced(10**9, Brand("b1", "Maker", shipping_price=700))) == 10**9 + 700


@pytest.mark.parametrize(
    ("sent", "served"),
    [
        ("80% cotton & more", "80% cotton &amp; more"),
        ("<p>Soft<script>alert(1)</script></p>", "<p>Soft</p>"),
        (
            '<img src="https://a.example/i.png" onerror="alert(1)" alt="A">',
            '<img src="https://a.example/i.png" alt="A">',
        ),
        ('<img src="javascript:alert(1)">', "<img>"),
        ('<p style="position:fixed" class="x" onclick="y()">Soft</p>', "<p>Soft</p>"),
        ("<iframe src='https://evil.example'></iframe><b>Bold</b>", "<b>Bold</b>"),
        ("<h1>Title</h1><hr><ul><li>One</li></ul>", "Title<hr><ul><li>One</li></ul>"),
        (
            '<a href="https://a.example" target="_blank">there</a>',
            '<a href="https://a.example" rel="noopener noreferrer">there</a>',
        ),
        ('<a href="javascript:alert(1)">there</a>', '<a rel="noopener noreferrer">there</a>'),
        ("<svg><style><img src=x onerror=alert(1)></style></svg>", '<img src="x">'),
    ],
)
def test_html_keeps_what_goody_allows(sent: str, served: str) -> None:
    assert sanitize(sent) == served


@pytest.mark.parametrize(
    "plain", ["", "80% cotton, 20% elastane", 'Três \u2014 "quoted"\n it\'s', "tab\there \U0001f381"]
)
def test_plain_text_takes_a_short_cut_that_changes_nothing(plain: str) -> None:
    assert sanitize(plain) == plain == sanitize(plain + "<p></p>").removesuffix("<p></p>")


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("plain", "plain"),
        ("<ul><li>One</li><li>Two &amp; &lt;three&gt;</li></ul>", "  One  Two & <three>  "),
        ('<a href="https://a.example" title="t">there</a><style>x{}</style>', " there "),
        ("1 < 2 & 3", "1 < 2 & 3"),
    ],
)
def test_text_of_html(sent: str, text: str) -> None:
    assert text_of(sent) == text


def test_search_text_is_what_shoppers_read() -> None:
    assert search_body(PRODUCT) == " Cookies for you. Made  Here "


def test_each_field_tells_its_layer() -> None:
    placement = Placement(values={"name": "Ours", "images": ("i9", "i1")})
    told = layers(PRODUCT, placement)
    served = open_document(product_documents(PRODUCT, None)[1]) + members(Placing())
    assert list(told) == list(msgspec.json.decode(served))
    assert {field for field in told if told[field] is Layer.CURATION} == {"name", "images", "tags", "collections"}
    assert {field for field in told if told[field] is Layer.DERIVED} == {"price_with_shipping", "currency"}


def test_pictures_that_are_all_gone_are_the_suppliers_again() -> None:
    assert layers(PRODUCT, Placement(values={"images": ("i9",)}))["images"] is Layer.SUPPLIER


def test_attributes_are_sanitized_in_the_document() -> None:
    attribute = ProductAttribute("Care", '<b onclick="x()">Cold</b><script>1</script>')
    product = msgspec.structs.replace(PRODUCT, attributes=(attribute,))
    document = msgspec.json.decode(product_documents(product, None)[1])
    assert document["attributes"] == [{"label": "Care", "content": "<b>Cold</b>"}]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Éclair", "eclair"),
        ("  Tea \n Box", "tea box"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("A\x00B", "ab"),
    ],
)
def test_names_sort_without_case_accents_and_blanks(name: str, key: str) -> None:
    assert name_key(name) == key


def test_name_key_fits_its_column() -> None:
    assert len(name_key("ﷺ" * 500)) == 200


def test_occasions_are_found_whole() -> None:
    kept = occasion_keys(["Birthday", "Thank You", "a|b"])
    assert kept == "|birthday| |thank you| |a b|"
    assert [occasion_key(each) in kept for each in ("BIRTHDAY", "thank you", "thank", "birth")] == [
        True,
        True,
        False,
        False,
    ]


def _priced(price: int, brand: Brand) -> Product:
    return msgspec.structs.replace(PRODUCT, price=price, brand=brand)

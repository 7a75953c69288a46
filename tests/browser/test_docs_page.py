"""The page of the API's documentation under its strict policy: it shows everything, and breaks no rule of its own."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.phone import Phone
from tests.listening import listening
from tests.shop import Shop


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_the_page_works_without_inline_code_or_styles(shop: Shop, browser: Browser) -> None:
    with listening(shop) as home:
        context = browser.new_context(base_url=home)
        reader = Phone(context.new_page(), home)
        reader.open(f"{home}/docs")
        page = reader.page
        operation = page.locator("#operations-checkouts-post_v1_checkouts, [id*='post_v1_checkouts']").first
        expect(operation).to_be_visible()
        operation.locator("button").first.click()
        page.get_by_role("button", name="Try it out").first.click()
        expect(page.get_by_role("button", name="Execute").first).to_be_visible()
        policy = page.evaluate("fetch('/docs').then(answer => answer.headers.get('Content-Security-Policy'))")
        context.close()
    assert "unsafe" not in policy
    assert reader.strays == []
    assert reader.complaints == []

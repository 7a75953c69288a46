"""A browser on a phone's screen that tells of everything a page does beyond its own server."""

import shutil
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.phone import Phone
from tests.emulator.partner import Partner, partner_of

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


# Not for the whole session: Playwright keeps an event loop running in the thread that the other tests use, too.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser installed on this machine; Playwright reaches it through pipes, so that no socket is opened."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip(f"no browser is installed: none of {', '.join(_NAMES)} is on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_OPTIONS))
        yield browser
        browser.close()


@pytest.fixture
def partner(goody_url: str) -> Iterator[Partner]:
    """An app of its own at the emulated Goody."""
    with partner_of(goody_url) as partner:
        yield partner


@pytest.fixture(params=[False, True], ids=["without-scripts", "with-scripts"])
def phone(request: pytest.FixtureRequest, browser: Browser, goody_url: str) -> Iterator[Phone]:
    """A phone; at the end, nothing may have been asked of another server, and nothing complained of."""
    context = browser.new_context(
        viewport={"width": 375, "height": 812}, java_script_enabled=request.param, base_url=goody_url
    )
    phone = Phone(context.new_page(), goody_url)
    yield phone
    context.close()
    assert phone.strays == []
    assert phone.complaints == []

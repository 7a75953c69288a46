"""What an operator sets for one app after it was made."""

from typing import Any

import pytest

from foundation.app_settings import AppSettings, shown
from foundation.apps import Apps
from foundation.database import Sessions
from foundation.encryption import Vault
from foundation.errors import InvalidInputError
from tests.shop import VAULT_KEY


@pytest.fixture
def app_settings(apps: Apps, sessions: Sessions) -> AppSettings:
    apps.create(
        "shop",
        goody_api_key="goody_token_commerce_x",
        goody_base_url="https://api.sandbox.ongoody.com",
        webhook_secret=None,
        default_mode="hosted_payment",
    )
    return AppSettings(sessions, Vault([VAULT_KEY]))


def test_which_catalog_is_synced_is_changed_option_by_option(app_settings: AppSettings, apps: Apps) -> None:
    def options() -> object:
        return shown(apps.by_slug("shop"))["catalog_options"]

    assert options() == {"use_custom_catalog": None, "show_inactive": None, "country_code": None}
    app_settings.change("shop", catalog_options={"use_custom_catalog": True, "country_code": "CA"})
    app_settings.change("shop", catalog_options={"show_inactive": False, "country_code": None})
    assert options() == {"use_custom_catalog": True, "show_inactive": False, "country_code": None}
    assert apps.by_slug("shop").catalog_options == {"use_custom_catalog": True, "show_inactive": False}


def test_bad_options_are_named_at_once(app_settings: AppSettings, apps: Apps) -> None:
    bad: dict[str, Any] = {"country_code": "can", "use_custom_catalog": "yes", "color": True}
    with pytest.raises(InvalidInputError) as caught:
        app_settings.change("shop", catalog_options=bad)
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [
        ("/catalog_options/country_code", "bad_option"),
        ("/catalog_options/use_custom_catalog", "bad_option"),
        ("/catalog_options/color", "unknown_option"),
    ]
    assert apps.by_slug("shop").catalog_options == {}

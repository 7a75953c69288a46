"""A world for each test, on either database."""

from collections.abc import Iterator

import pytest

from storefront.migrating import migrate
from storefront.services import Services, build_services
from tests.databases import Databases
from tests.integration.delivery.partner import Partner, partner_backend
from tests.integration.delivery.world import World
from tests.shop import MovingClock, settings_for


def new_app(services: Services, slug: str) -> str:
    made = services.apps.create(
        slug,
        goody_api_key="goody_token_commerce_x",
        goody_base_url="http://127.0.0.1:9",
        webhook_secret=None,
        default_mode="hosted_payment",
    )
    return made.app_id


@pytest.fixture(scope="session")
def template_with_app(databases: Databases) -> tuple[str, str]:
    """The URL of a database with one app, and that app's id."""
    url = databases.new()
    services = build_services(settings_for(url))
    migrate(services.sessions)
    app_id = new_app(services, "shop")
    services.close()
    return url, app_id


@pytest.fixture
def database_url(databases: Databases, template_with_app: tuple[str, str]) -> Iterator[str]:
    url = databases.copy(template_with_app[0])
    yield url
    databases.drop(url)


@pytest.fixture
def partner() -> Iterator[Partner]:
    with partner_backend() as partner:
        yield partner


@pytest.fixture
def world(database_url: str, template_with_app: tuple[str, str], partner: Partner) -> Iterator[World]:
    clock = MovingClock()
    services = build_services(settings_for(database_url), clock=clock)
    yield World(services, clock, template_with_app[1], partner)
    services.close()

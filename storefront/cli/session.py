"""What every command opens first: settings, logs, services."""

from collections.abc import Iterator
from contextlib import contextmanager

from foundation.errors import SettingsError
from foundation.logs import configure_logs
from foundation.settings import Settings, load_settings
from storefront.migrating import newest_revision, present_revision
from storefront.services import Services, build_services


def open_settings() -> Settings:
    """The settings, with logs going to stderr as they say."""
    settings = load_settings()
    configure_logs(settings.log_format, settings.log_level)
    return settings


@contextmanager
def open_services() -> Iterator[Services]:
    """The services over a database that has all migrations. SettingsError if it has not."""
    services = build_services(open_settings())
    try:
        if present_revision(services.sessions) != newest_revision():
            raise SettingsError("The database is not up to date. Run `storefront init`, which creates or migrates it.")
        yield services
    finally:
        services.close()

"""What every command opens first: settings, logs, services."""

from collections.abc import Iterator
from contextlib import contextmanager

from foundation.logs import configure_logs
from foundation.settings import Settings, load_settings
from storefront.migrating import must_be_up_to_date
from storefront.services import Services, build_services


@contextmanager
def open_services(*, is_daemon: bool = False) -> Iterator[Services]:
    """The services over a database that has all migrations. SettingsError if it has not."""
    settings = load_settings()
    open_logs(settings, is_daemon=is_daemon)
    services = build_services(settings)
    try:
        must_be_up_to_date(services.sessions)
        yield services
    finally:
        services.close()


def open_logs(settings: Settings, *, is_daemon: bool = False) -> None:
    """Send logs to stderr. A command that ends by itself prints what it did, and logs only what went wrong."""
    is_brief = settings.log_level == "INFO" and not is_daemon
    configure_logs(settings.log_format, "WARNING" if is_brief else settings.log_level)

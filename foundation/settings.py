"""Configuration: one frozen object, read once from the environment (or a `.env` in the working directory).

A missing or absurd value stops the start with a message that names the variable.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

from environs import EnvValidationError, FileAwareEnv, ValidationError, validate
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from foundation.addresses import split_address
from foundation.encryption import write_key_file
from foundation.errors import SettingsError

PREFIX: Final = "STOREFRONT_"
LONGEST_SECONDS: Final = 366 * 86_400
MAY_BE_ZERO: Final = {"statement_seconds"}
"""Seconds of which none means no limit."""
DRIVERS: Final = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of the service. Durations are in seconds."""

    database_url: str = "sqlite:///storefront.db"
    statement_seconds: float = 30.0
    """How long a statement of a web process may take on PostgreSQL; 0: as long as it likes."""
    encryption_keys: Sequence[str] = ()
    """The first encrypts, all decrypt."""
    public_url: str = "http://127.0.0.1:8000"
    log_format: str = "console"
    log_level: str = "INFO"
    sync_interval_seconds: int = 3600
    sync_page_workers: int = 8
    sync_apps_at_once: int = 4
    sync_jitter_percent: int = 10
    sync_retire_percent: int = 10
    """Of the products present: a run that would retire more waits to be approved. So with the next two."""
    sync_retire_count: int = 500
    sync_reprice_percent: int = 25
    sync_history_days: int = 30
    sweep_interval_seconds: float = 5.0
    accounting_interval_seconds: float = 1.0
    submission_lease_seconds: int = 30
    submission_give_up_seconds: int = 86_400
    submission_key_refused_seconds: int = 21_600
    inbox_interval_seconds: float = 0.1
    inbox_give_up_seconds: int = 86_400
    activity_interval_seconds: float = 3.0
    quiet_order_seconds: int = 21_600
    quiet_order_interval_seconds: float = 60.0
    quiet_order_share: int = 20
    """Orders of one app that are read again per interval."""
    reminder_interval_seconds: float = 30.0
    expiring_notice_seconds: int = 259_200
    payment_reminders: Sequence[float] = (3600, 86_400, 259_200)
    """How long after the payment link appeared, in seconds; ascending."""
    payment_lapsed_seconds: int = 1_209_600
    reconciliation_drift_days: int = 3
    """Between when money moved and the date of its line on a statement."""
    share_late_days: int = 7
    """After it was due."""
    reconciliation_interval_seconds: float = 21_600.0
    """Without a new statement; with one it is at once."""
    balance_interval_seconds: float = 300.0
    balance_low_days: int = 7
    """For how many days the stored value balance should last at the present rate."""
    allow_local_endpoints: bool = False
    """Whether partners' webhook endpoints may be http and on private addresses: for development."""
    delivery_interval_seconds: float = 0.25
    delivery_time_out_seconds: float = 15.0
    event_retention_days: int = 90
    stream_bind: str = ""
    """HOST:PORT where `storefront serve` also serves event streams; empty: nowhere."""
    stream_url: str = ""
    """Where listeners reach that: the address it is bound to, unless a proxy stands in front."""
    stream_poll_seconds: float = 0.2
    stream_heartbeat_seconds: float = 15.0
    stream_listeners: int = 5000
    stream_listeners_per_address: int = 500
    """Of those that a token opened: one shopper must not take every place."""
    quote_seconds: int = 1800
    checkout_seconds: int = 86_400
    goody_connect_seconds: float = 5.0
    goody_read_seconds: float = 20.0
    response_cache_megabytes: int = 64
    """How much of each web process's memory ready answers about the catalog may take; 0 keeps none."""
    limit_public_per_minute: int = 1200
    """What a publishable key may ask per client address; 0: no limit. So with those that follow."""
    limit_public_burst: int = 300
    limit_secret_per_minute: int = 3000
    limit_secret_burst: int = 100
    limit_failed_per_minute: int = 30
    """Keys, secrets, tokens and signatures of one client address that may be wrong."""
    limit_failed_burst: int = 30
    body_seconds: float = 30.0
    """How long a request's body may take to arrive; a second more for each 256 KiB that it may have."""
    limit_stream_per_minute: int = 1200
    """Event streams that may be opened from one client address, by whomever."""
    limit_stream_burst: int = 300
    limit_sending_per_minute: int = 60
    """Test sends, redeliveries and replays that one app may ask for: each makes this service call out."""
    limit_sending_burst: int = 30
    webhook_body_days: int = 30
    """After so many days personal data goes from Goody's stored messages; so with the next one."""
    checkout_days: int = 90
    trusted_proxies: Sequence[str] = ()
    """Addresses and networks whose word on where a request comes from is taken."""
    forwarded_header: str = "X-Forwarded-For"
    metrics_token: str = ""
    """With it `/metrics` is on the web port; without it nowhere there."""
    metrics_bind: str = ""
    """HOST:PORT to show metrics on without a token."""
    metrics_directory: str = ""
    """Where several web processes leave their counts for one another; `storefront serve` makes one by itself."""

    def __repr__(self) -> str:
        """Say which database, never a password or a key."""
        return f"Settings({self.shown_database_url})"

    @property
    def shown_database_url(self) -> str:
        """The database's URL with its password masked."""
        return make_url(self.database_url).render_as_string(hide_password=True)


DEFAULTS: Final = Settings()

WHOLE_NUMBERS: Final = {
    "sync_page_workers": (1, 32),
    "sync_apps_at_once": (1, 32),
    "sync_jitter_percent": (0, 50),
    "sync_retire_percent": (0, 100),
    "sync_retire_count": (0, 1_000_000),
    "sync_reprice_percent": (0, 100),
    "sync_history_days": (1, 3660),
    "quiet_order_share": (1, 1000),
    "reconciliation_drift_days": (0, 60),
    "share_late_days": (1, 366),
    "balance_low_days": (0, 366),
    "event_retention_days": (7, 3660),
    "stream_listeners": (1, 100_000),
    "stream_listeners_per_address": (1, 100_000),
    "response_cache_megabytes": (0, 65_536),
    "webhook_body_days": (1, 3660),
    "checkout_days": (1, 3660),
    "limit_public_per_minute": (0, 10_000_000),
    "limit_public_burst": (10, 1_000_000),
    "limit_secret_per_minute": (0, 10_000_000),
    "limit_secret_burst": (1, 1_000_000),
    "limit_failed_per_minute": (0, 10_000_000),
    "limit_failed_burst": (1, 1_000_000),
    "limit_stream_per_minute": (0, 10_000_000),
    "limit_stream_burst": (1, 1_000_000),
    "limit_sending_per_minute": (0, 10_000_000),
    "limit_sending_burst": (1, 1_000_000),
}
"""Settings that count something other than seconds, with the least and the most each may be."""


def key_file(database_url: str) -> Path | None:
    """Where `storefront init` keeps the encryption key of a SQLite database; None for other databases."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database + ".key")


def load_settings(dotenv: Path = Path(".env"), *, make_key: bool = False) -> Settings:
    """Read the settings. SettingsError names every variable that is missing or absurd, all at once.

    With `make_key` a SQLite database that has no encryption key gets a key file beside it.

    A secret may stand in a file that `STOREFRONT_…_FILE` names.
    """
    env = FileAwareEnv(eager=False, prefix=PREFIX, strip_whitespace=True)
    try:
        if dotenv.is_file():
            env.read_env(str(dotenv), recurse=False)
        values = _read(env)
        env.seal()
    except EnvValidationError as error:
        raise SettingsError(_explain(error)) from error
    except (ValueError, OSError) as error:
        # A file that a …_FILE variable names is not there, or the .env is no text.
        raise SettingsError(f"The settings can't be read from the environment and {dotenv}. {error}") from error
    values["encryption_keys"] = [key for text in values["encryption_keys"] if (key := text.strip())]
    if not values["encryption_keys"]:
        values["encryption_keys"] = _keys_beside(values["database_url"], make_key=make_key)
    values["public_url"] = values["public_url"].rstrip("/")
    values["stream_url"] = values["stream_url"].rstrip("/") or (
        values["stream_bind"] and f"http://{values['stream_bind']}"
    )
    settings = Settings(**values)
    _agree(settings)
    return settings


def _read(env: FileAwareEnv) -> dict[str, Any]:
    positive = validate.Range(min=0, min_inclusive=False, max=LONGEST_SECONDS)
    not_negative = validate.Range(min=0, max=LONGEST_SECONDS)
    either = {
        "log_format": ("json", "console"),
        "log_level": ("DEBUG", "INFO", "WARNING", "ERROR"),
        "forwarded_header": ("X-Forwarded-For", "Forwarded"),
    }
    values: dict[str, Any] = {
        "database_url": env.str("DATABASE_URL", DEFAULTS.database_url, validate=_is_database_url),
        "encryption_keys": env.list("ENCRYPTION_KEYS", []),
        "public_url": env.str("PUBLIC_URL", DEFAULTS.public_url, validate=_is_http_url),
        "allow_local_endpoints": env.bool("ALLOW_LOCAL_ENDPOINTS", DEFAULTS.allow_local_endpoints),
        "metrics_token": env.str("METRICS_TOKEN", DEFAULTS.metrics_token, validate=_is_token),
        "metrics_bind": env.str("METRICS_BIND", DEFAULTS.metrics_bind, validate=_is_address),
        "metrics_directory": env.str("METRICS_DIRECTORY", DEFAULTS.metrics_directory, validate=_is_directory),
        "trusted_proxies": tuple(env.list("TRUSTED_PROXIES", [], validate=_are_networks) or ()),
        "stream_bind": env.str("STREAM_BIND", DEFAULTS.stream_bind, validate=_is_address),
        "stream_url": env.str("STREAM_URL", DEFAULTS.stream_url, validate=_is_http_url_or_empty),
        "payment_reminders": tuple(
            env.list("PAYMENT_REMINDERS", list(DEFAULTS.payment_reminders), subcast=float, validate=_is_ascending) or ()
        ),
    }
    for name, (least, most) in WHOLE_NUMBERS.items():
        values[name] = env.int(name.upper(), getattr(DEFAULTS, name), validate=validate.Range(min=least, max=most))
    for name, allowed in either.items():
        values[name] = env.str(name.upper(), getattr(DEFAULTS, name), validate=validate.OneOf(allowed))
    for name in (field.name for field in fields(Settings) if field.name.endswith("_seconds")):
        default = getattr(DEFAULTS, name)
        read = env.int if isinstance(default, int) else env.float
        bounds = not_negative if name in MAY_BE_ZERO else positive
        values[name] = read(name.upper(), default, validate=bounds)
    return values


def _keys_beside(database_url: str, *, make_key: bool) -> list[str]:
    file = key_file(database_url)
    try:
        if file is not None and make_key:
            write_key_file(file)
        if file is not None and file.is_file():
            return _keys_of(file)
    except OSError as error:
        raise SettingsError(
            f"The key file {file} can't be used: {error.strerror}. Its folder must exist and be yours to write: "
            "check STOREFRONT_DATABASE_URL, or set STOREFRONT_ENCRYPTION_KEYS."
        ) from error
    remedy = (
        "run `storefront init`, which writes a key file beside the SQLite database"
        if file is not None
        else "make one with `storefront keys generate` (a PostgreSQL deployment keeps it in the environment)"
    )
    raise SettingsError(f"STOREFRONT_ENCRYPTION_KEYS is not set: {remedy}.")


def _keys_of(file: Path) -> list[str]:
    keys = file.read_text().split()
    if not keys:
        raise SettingsError(
            f"The key file {file} is empty. Restore it from a backup; if its database is new, delete both "
            "and run `storefront init`."
        )
    return keys


def _agree(settings: Settings) -> None:
    """Refuse settings that contradict each other."""
    answered_by = settings.goody_connect_seconds + settings.goody_read_seconds
    if settings.submission_lease_seconds <= answered_by:
        raise SettingsError(
            f"STOREFRONT_SUBMISSION_LEASE_SECONDS ({settings.submission_lease_seconds}) must be above "
            f"STOREFRONT_GOODY_CONNECT_SECONDS + STOREFRONT_GOODY_READ_SECONDS ({answered_by:g}): "
            "a lease must outlive the call that it guards."
        )


def _is_database_url(value: str) -> None:
    try:
        driver = make_url(value).drivername
    except ArgumentError as error:
        raise ValidationError("is no database URL; use sqlite:///FILE or postgresql://…") from error
    if driver not in DRIVERS:
        raise ValidationError(f"names {driver}; use sqlite:///FILE or postgresql://…")


def _is_ascending(moments: Sequence[float]) -> None:
    if list(moments) != sorted(set(moments)) or not all(0 < moment <= LONGEST_SECONDS for moment in moments):
        raise ValidationError("must be seconds in ascending order, such as 3600,86400,259200; or empty")


def _are_networks(values: Sequence[str]) -> None:
    for value in values:
        try:
            ip_network(value.strip(), strict=False)
        except ValueError as error:
            raise ValidationError("must be addresses or networks, such as 127.0.0.1,10.0.0.0/8") from error


def _is_http_url(value: str) -> None:
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
        raise ValidationError("must look like https://shop.example.com")


def _is_http_url_or_empty(value: str) -> None:
    if value:
        _is_http_url(value)


def _is_token(value: str) -> None:
    # No message may quote it.
    if value and not re.fullmatch(r"[!-~]{16,}", value):
        raise ValidationError("must be at least 16 characters of ASCII without blanks")


def _is_address(value: str) -> None:
    try:
        if value:
            split_address(value)
    except ValueError as error:
        raise ValidationError("must look like 127.0.0.1:9100") from error


def _is_directory(value: str) -> None:
    if value and not Path(value).is_dir():
        raise ValidationError("must be a directory that exists")


def _explain(error: EnvValidationError) -> str:
    messages = error.error_messages
    if isinstance(messages, Mapping):
        parts = [f"{name}: {' '.join(map(str, texts))}" for name, texts in messages.items()]
    else:
        parts = [str(text) for text in messages]
    return "The settings can't be used. " + " ".join(parts)

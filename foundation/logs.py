"""Logs: one line per fact, JSON or console, to stderr. No key, secret, link, email or phone number gets through."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

SECRET: Final = re.compile(
    r"goody_token_\w+"
    r"|whsec_[\w+/=-]+"
    r"|\b[sp]k_[a-z0-9]{20,}"
    r"|\bchk_[a-z0-9]+_secret_[a-z0-9]+"
    r"|(?<=Bearer )\S+"
    r"|\beyJ[\w-]+\.[\w-]+\.[\w-]*"  # a JWT
    r"|\bgAAAA[\w-]{20,}=*"
)
PHONE: Final = re.compile(r"\+\d{10,15}\b")
EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
LINK: Final = re.compile(r"(https?://[^\s\"'<>]*?(?:/gift/|key=))[\w-]+")
# PostgreSQL tells which value broke a constraint, and psycopg hands it on: names and addresses among them.
DETAIL: Final = re.compile(r"(DETAIL:\s).*")
SILENCED: Final = {"httpx": logging.WARNING, "httpcore": logging.WARNING, "alembic": logging.WARNING}
PLAIN: Final = (bool, int, float, type(None))


def redact(text: str) -> str:
    """The text without keys, webhook secrets, gift and payment links, email addresses or phone numbers."""
    text = SECRET.sub("[key]", text)
    text = LINK.sub(r"\1[link]", text)
    text = DETAIL.sub(r"\1[left out]", text)
    return PHONE.sub("[phone]", EMAIL.sub("[email]", text))


def configure_logs(log_format: str, level: str) -> None:
    """Send every log line of the process, the libraries' too, through one redacting formatter to stderr."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _redact_event,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=40)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level)
    for name, floor in SILENCED.items():
        logging.getLogger(name).setLevel(floor)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; call it with an event in a few words and facts as keywords."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def _redact_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        # structlog's own entries, the LogRecord among them, begin with an underscore.
        if not key.startswith("_") and not isinstance(value, PLAIN):
            event[key] = redact(str(value))
    return event

"""What every answer tells browsers not to do with it."""

from typing import Final, NamedTuple

NOTHING: Final = "default-src 'none'; frame-ancestors 'none'"
OWN_FILES: Final = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""What the page of the documentation may load: Swagger UI draws with data: images."""
HSTS: Final = ("Strict-Transport-Security", "max-age=31536000")
"""Only where the public address is https: a browser that was told so never comes without TLS for a year."""

_SHARED: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)


class SecurityHeaders(NamedTuple):
    """The headers of what the API answers, and of the page of its documentation."""

    api: tuple[tuple[str, str], ...]
    page: tuple[tuple[str, str], ...]


def security_headers(public_url: str) -> SecurityHeaders:
    """The headers of a service that is reached under this address."""
    shared = (*_SHARED, HSTS) if public_url.startswith("https://") else _SHARED
    return SecurityHeaders(
        (*shared, ("Content-Security-Policy", NOTHING)), (*shared, ("Content-Security-Policy", OWN_FILES))
    )

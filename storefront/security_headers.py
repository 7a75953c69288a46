"""What every answer tells browsers not to do with it."""

from typing import Final

NOTHING: Final = "default-src 'none'; frame-ancestors 'none'"
OWN_FILES: Final = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
"""What the page of the documentation may load: Swagger UI styles elements inline and draws with data: images."""

_SHARED: Final = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"))
HEADERS: Final = (*_SHARED, ("Content-Security-Policy", NOTHING))
HEADERS_OF_PAGE: Final = (*_SHARED, ("Content-Security-Policy", OWN_FILES))

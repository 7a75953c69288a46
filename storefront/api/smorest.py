"""flask-smorest behind one typed module of ours: it publishes no types, and answers errors in a form of its own."""

from collections.abc import Callable, Sequence
from typing import Any

import flask_smorest
from marshmallow import Schema

from storefront.api.schemas.common import ProblemSchema

View = Callable[..., Any]
Decorator = Callable[[View], View]


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A blueprint whose views are documented in the OpenAPI description."""

    def route(self, rule: str, *, methods: Sequence[str] = ("GET",)) -> Decorator:
        """Serve the view under this path."""
        decorator: Decorator = super().route(rule, methods=list(methods))
        return decorator

    def arguments(self, schema: type[Schema], *, location: str = "json") -> Decorator:
        """Check the request with this schema; the view gets what it loads as its first argument."""
        decorator: Decorator = super().arguments(schema, location=location)
        return decorator

    def response(self, status_code: int, schema: type[Schema]) -> Decorator:
        """Answer with what the schema makes of the view's value."""
        decorator: Decorator = super().response(status_code, schema)
        return decorator

    def alt_response(self, status_code: int, schema: type[Schema]) -> Decorator:
        """Describe an answer that the view makes by itself."""
        decorator: Decorator = super().alt_response(status_code, schema=schema)
        return decorator


class Api(flask_smorest.Api):  # type: ignore[misc]
    """The OpenAPI description; errors are left to storefront.api.problems."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Register none: ours are registered already."""

"""flask-smorest behind one typed module of ours: it publishes no types, and answers errors in a form of its own."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from threading import Lock
from typing import Any, Final

import flask_smorest
from flask import Flask, Request, Response
from marshmallow import Schema
from webargs.flaskparser import FlaskParser, abort
from werkzeug.exceptions import UnsupportedMediaType

from storefront.api.schemas.common import ProblemSchema

PROBLEM: Final = "application/problem+json"

View = Callable[..., Any]
Decorator = Callable[[View], View]


class RequestParser(FlaskParser):
    """Reads requests; what webargs would pass over in silence is refused."""

    # An unknown parameter is a misspelt one: the schema decides, as it does in a body.
    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": None}  # noqa: RUF012  webargs'

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ANN401  any JSON
        """Read the body; 415 for one that says to be something else, 400 for what can't be read."""
        if not req.is_json and req.get_data():
            raise UnsupportedMediaType("Send the body as JSON, with Content-Type: application/json.")
        try:
            return super().load_json(req, schema)
        except (ValueError, RecursionError) as error:
            # A number of thousands of digits, or brackets without end.
            abort(HTTPStatus.BAD_REQUEST, exc=error, messages={"json": ["Invalid JSON body."]})


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A blueprint whose views are documented in the OpenAPI description."""

    ARGUMENTS_PARSER = RequestParser()

    def route(self, rule: str, *, methods: Sequence[str] = ("GET",)) -> Decorator:
        """Serve the view under this path."""
        decorator: Decorator = super().route(rule, methods=list(methods))
        return decorator

    def arguments(self, schema: type[Schema], *, location: str = "json") -> Decorator:
        """Check the request with this schema; the view gets what it loads as its first argument."""
        decorator: Decorator = super().arguments(schema, location=location)
        return decorator

    def described(self, schema: type[Schema], *, location: str = "query") -> Decorator:
        """Describe what the view reads by itself."""
        documented = self.arguments(schema, location=location)

        def decorate(view: View) -> View:
            view._apidoc = documented(view)._apidoc  # type: ignore[attr-defined]  # noqa: SLF001  flask-smorest's place for it
            return view

        return decorate

    def response(self, status_code: int, schema: type[Schema]) -> Decorator:
        """Answer with what the schema makes of the view's value."""
        decorator: Decorator = super().response(status_code, schema)
        return decorator

    def no_content(self) -> Decorator:
        """Answer 204, without a body."""
        decorator: Decorator = super().response(HTTPStatus.NO_CONTENT)
        return decorator

    def redirect(self) -> Decorator:
        """Lead elsewhere (307)."""
        decorator: Decorator = super().response(HTTPStatus.TEMPORARY_REDIRECT)
        return decorator

    def alt_response(self, status_code: int, schema: type[Schema]) -> Decorator:
        """Describe an answer that the view makes by itself, or a refusal that holds more than others do."""
        mimetype = PROBLEM if issubclass(schema, ProblemSchema) else None
        decorator: Decorator = super().alt_response(status_code, schema=schema, content_type=mimetype)
        return decorator

    def file_body(self, media_type: str) -> Decorator:
        """Describe a body that is a file."""
        content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
        decorator: Decorator = self.doc(requestBody={"required": True, "content": content})
        return decorator

    def header(self, name: str, description: str, *, is_required: bool = False) -> Decorator:
        """Describe a header that the view reads."""
        described = {"in": "header", "name": name, "required": is_required, "description": description}
        decorator: Decorator = self.doc(parameters=[{**described, "schema": {"type": "string", "maxLength": 255}}])
        return decorator


class Api(flask_smorest.Api):  # type: ignore[misc]
    """The OpenAPI description; errors are left to storefront.api.problems.

    It is made when it is first asked for: that takes several times as long as all else that starts a process.
    """

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask) -> None:
        self._undescribed: list[Blueprint] = []
        self._describing = Lock()
        super().__init__(app)

    def register_blueprint(self, blueprint: Blueprint) -> None:
        """Serve its views, and describe them once somebody asks."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint)
        self._undescribed.append(blueprint)

    def _openapi_json(self) -> Response:
        with self._describing:
            while self._undescribed:
                blueprint = self._undescribed.pop(0)
                blueprint.register_views_in_doc(self, self._app, self.spec, name=blueprint.name, parameters=None)
                self.spec.tag({"name": blueprint.name, "description": blueprint.description})
        description: Response = super()._openapi_json()
        return description

    def _register_responses(self) -> None:
        """Describe errors as what they are: problem documents."""
        self.DEFAULT_RESPONSE_CONTENT_TYPE = PROBLEM
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE  # the class's own shows again

    def _register_error_handlers(self) -> None:
        """Register none: ours are registered already."""

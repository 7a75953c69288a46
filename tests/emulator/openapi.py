"""Goody's published description of its API, read for what it means, as a judge of answers."""

import json
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker

Json = dict[str, Any]

PATH: Final = Path(__file__).parents[3] / "shared" / "goody" / "openapi.json"
_SUCCESSES: Final = ("200", "201")


class Contract:
    """Judges answers of an operation; fields the description does not know are judged too."""

    def __init__(self) -> None:
        self._document: Json = json.loads(PATH.read_text())
        schemas = self._document["components"]["schemas"]
        # A slip of the description: it requires other names than it defines.
        defined = schemas["OrderBatchPrice"]["properties"]
        schemas["OrderBatchPrice"]["properties"] = {
            name.removesuffix("_estimate"): schema for name, schema in defined.items()
        }
        self._document = _read(self._document)

    def judge(self, operation: str, answer: object, *, refused: bool = False) -> None:
        """Raise when an answer is not as described."""
        method, path = operation.lower().split()
        responses = self._document["paths"][path][method]["responses"]
        described = next(responses[status] for status in _SUCCESSES if status in responses)
        schema = {"$ref": "#/components/schemas/Error"} if refused else _schema_of(described)
        components = self._document["components"]
        Draft202012Validator({**schema, "components": components}, format_checker=FormatChecker()).validate(answer)


def _schema_of(described: Json) -> Json:
    found: Json = described["content"]["application/json"]["schema"]
    return found


def _read(schema: Any) -> Any:
    """Turn OpenAPI 3.0 into JSON Schema: `nullable` means "or null", also beside a `$ref`."""
    if isinstance(schema, list):
        return [_read(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    read = {name: _read(each) for name, each in schema.items() if name not in {"nullable", "example", "examples"}}
    if schema.get("type") == "object" and "properties" in schema:
        read.setdefault("additionalProperties", False)
    return {"anyOf": [read, {"type": "null"}]} if schema.get("nullable") is True else read

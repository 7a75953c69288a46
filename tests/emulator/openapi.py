"""Goody's published description of its API, read for what it means, as a judge of answers."""

import json
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker

Json = dict[str, Any]

PATH: Final = Path(__file__).parents[3] / "shared" / "goody" / "openapi.json"
_SUCCESSES: Final = ("200", "201")
_NEEDED: Final = ("from_name", "recipients", "cart", "send_method", "card_id", "expires_at")
_ERROR: Final = "#/components/schemas/Error"


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
        _define_display_interface(schemas)
        self._asked_for = _read(self._document, is_open=True)
        self._document = _read(self._document, is_open=False)

    def judge(self, operation: str, answer: object, *, refused: bool = False) -> None:
        """Raise when an answer is not as described."""
        method, path = operation.lower().split()
        responses = self._document["paths"][path][method]["responses"]
        described = next(responses[status] for status in _SUCCESSES if status in responses)
        schema = {"$ref": _ERROR} if refused else _schema_of(described)
        components = self._document["components"]
        Draft202012Validator({**schema, "components": components}, format_checker=FormatChecker()).validate(answer)

    def fits(self, operation: str, body: object) -> bool:
        """Tell whether a request is as described."""
        schema = {**self._asked(operation), "components": self._asked_for["components"]}
        return Draft202012Validator(schema, format_checker=FormatChecker()).is_valid(body)

    def fields(self, operation: str) -> set[str]:
        """The names of all that a request can have."""
        schema = self._asked(operation)
        for name in schema.get("$ref", "#").split("/")[1:]:
            schema = (self._asked_for if name == "components" else schema)[name]
        return set(schema["properties"])

    def _asked(self, operation: str) -> Json:
        method, path = operation.lower().split()
        return _schema_of(self._asked_for["paths"][path][method]["requestBody"])


def _define_display_interface(schemas: Json) -> None:
    # Another slip of the description: its examples of collections show a field that it does not define.
    schemas["CollectionVersion"]["properties"]["display_interface"] = {"type": "string"}


def _schema_of(described: Json) -> Json:
    found: Json = described["content"]["application/json"]["schema"]
    return found


def _read(schema: Any, *, is_open: bool) -> Any:
    """Turn OpenAPI 3.0 into JSON Schema: `nullable` means "or null", also beside a `$ref`.

    Where it is not `is_open`, nothing may be there but what is described.
    """
    if isinstance(schema, list):
        return [_read(each, is_open=is_open) for each in schema]
    if not isinstance(schema, dict):
        return schema
    left_out = {"nullable", "example", "examples"}
    read = {name: _read(each, is_open=is_open) for name, each in schema.items() if name not in left_out}
    if not is_open and schema.get("type") == "object" and "properties" in schema:
        read.setdefault("additionalProperties", False)
    return {"anyOf": [read, {"type": "null"}]} if schema.get("nullable") is True else read


def for_clients(ids: dict[str, list[str]], *, products: list[str], cards: list[str]) -> Json:
    """Return the description for a program that makes requests from it.

    Read for what it means: null is allowed beside a `$ref` where it says nullable, a price has the names it requires,
    and every operation may be refused with 400, 401 or 404. `ids`, by path, `products` and `cards` are what exists.
    """
    document: Json = _refs_nullable(json.loads(PATH.read_text()))
    schemas = document["components"]["schemas"]
    priced = schemas["OrderBatchPrice"]["properties"]
    schemas["OrderBatchPrice"]["properties"] = {name.removesuffix("_estimate"): each for name, each in priced.items()}
    _define_display_interface(schemas)
    _narrow(schemas, products, cards)
    for each in schemas.values():
        if each.get("type") == "object":
            each.setdefault("additionalProperties", False)
    refused = {"description": "Refused", "content": {"application/json": {"schema": {"$ref": _ERROR}}}}
    expiration = document["paths"]["/v1/orders/{id}/update_expiration"]["post"]["requestBody"]["content"]
    expiration["application/json"]["schema"] |= {
        "required": ["expiration"],
        "properties": {"expiration": {"type": "string", "enum": ["2099-01-01T00:00:00Z"]}},
    }
    for path, operations in document["paths"].items():
        for operation in (each for each in operations.values() if isinstance(each, dict)):
            for status in ("400", "401", "404"):
                operation["responses"][status] = refused
            if "{id}" in path:
                others = [each for each in operation.get("parameters", []) if each["name"] != "id"]
                known = {"type": "string", "enum": [*ids.get(path, []), "none"]}
                operation["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": known}, *others]
    return document


def _narrow(schemas: Json, products: list[str], cards: list[str]) -> None:
    """Leave out of the requests most of what would be refused, so that some are done."""
    text = {"type": "string", "pattern": "^[A-Za-z]{1,20}$"}
    item, batch, recipient = (schemas[name] for name in ("CartItemInput", "OrderBatchInput", "RecipientInput"))
    item["properties"] |= {
        "product_id": {"type": "string", "enum": products},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 6},
        "variants": {"type": "array", "items": text, "maxItems": 0},
    }
    schemas["CartInput"] |= {"required": ["items"]}
    schemas["CartInput"]["properties"]["items"] |= {"minItems": 1, "maxItems": 3}
    recipient["properties"] |= {
        "first_name": text,
        "email": {"type": "string", "enum": ["ada@example.test"]},
        "phone": {"type": "string", "enum": ["+15552347890"]},
    }
    recipient["required"] = ["first_name", "email", "mailing_address"]
    address = schemas["MailingAddress"]["properties"]
    address |= dict.fromkeys(("address_1", "city"), text)
    address |= {"state": {"type": "string", "enum": ["NY", "CA"]}, "country": {"type": "string", "enum": ["US"]}}
    address["postal_code"] = {"type": "string", "enum": ["10022"]}
    for body in (batch, schemas["OrderBatchPriceInput"]):
        body["required"] = [name for name in _NEEDED if name in body["properties"]]
        body["properties"]["recipients"] |= {"minItems": 1, "maxItems": 12}
    batch["properties"] |= {
        "from_name": text,
        "card_id": {"type": "string", "enum": cards},
        "payment_method_id": {"type": "string", "enum": ["COMMERCE_HOSTED_PAYMENT", "COMMERCE_STORED_VALUE"]},
        "workspace_id": {"type": "string", "enum": [""]},
        "scheduled_send_on": {"type": "string", "enum": ["2026-01-01T00:00:00Z", "2098-01-01T00:00:00Z"]},
        "expires_at": {"type": "string", "enum": ["2099-01-01T00:00:00Z"]},
    }
    card = schemas["CommerceUserPaymentMethodInput"]["properties"]
    card |= dict.fromkeys(("cardholder_name", "commerce_end_user_id", "interim_card_key"), text)
    card["payment_method_type"] = {"type": "string", "enum": ["card"]}
    billing = card["billing_address"]["properties"]
    billing |= dict.fromkeys(("address_1", "city", "state", "postal_code"), text) | {"country": text | {"enum": ["US"]}}
    schemas["WebhookInput"]["properties"] |= {
        "url": {"type": "string", "enum": ["https://example.test/hooks"]},
        "events": {"type": "array", "nullable": True, "items": {"type": "string", "enum": ["order.created"]}},
    }
    schemas["WebhookInput"]["required"] = ["url"]


def _refs_nullable(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_refs_nullable(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    read = {name: _refs_nullable(each) for name, each in schema.items() if name not in {"example", "examples"}}
    if "$ref" in schema and schema.get("nullable") is True:
        return {"nullable": True, "anyOf": [{"$ref": schema["$ref"]}]}
    return read

"""Reading answers: what every refusal must look like, and what it points at."""

from typing import Any, Final

from werkzeug.test import TestResponse

MEMBERS: Final = {"type", "title", "status", "detail", "instance", "code", "request_id"}


def problem(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The problem document of a refusal, after checking that it is one, whole, with this status and code."""
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    body: dict[str, Any] = response.get_json()
    assert body["code"] == code
    assert set(body) - {"errors", "quote", "after"} == MEMBERS
    assert body["type"] == "about:blank"
    assert body["status"] == status
    assert body["instance"] == response.request.path
    assert body["request_id"] == response.headers["X-Request-Id"]
    assert all(isinstance(body[name], str) and body[name] for name in ("title", "detail"))
    assert "Traceback" not in response.text
    assert response.headers["Cache-Control"] == "no-store"
    return body


def faults(response: TestResponse, status: int = 422, code: str = "invalid_input") -> list[tuple[str, str]]:
    """The (pointer, code) of every fault that a refusal names, sorted."""
    return pointed(problem(response, status, code)["errors"])


def pointed(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The (pointer, code) of each of these faults, sorted; each also has a sentence for a person."""
    assert all(set(fault) == {"pointer", "code", "detail"} and fault["detail"] for fault in found)
    return sorted((fault["pointer"], fault["code"]) for fault in found)

"""Rules: which requests to spoil, how, and how often."""

from enum import StrEnum
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta


class Kind(StrEnum):
    """How a request is spoilt. Those that act do what was asked before they spoil the answer."""

    DELAY = "delay"
    """Waits `seconds`, then acts and answers."""
    STATUS = "status"
    """Answers with `status`, does not act."""
    LOST_ANSWER = "lost_answer"
    """Acts, then answers as a proxy does that lost the answer."""
    MALFORMED = "malformed"
    """Acts, then answers with half of the JSON as if that were all."""
    TRUNCATED = "truncated"
    """Acts, then breaks off in the middle of the body."""
    WRONG_TYPE = "wrong_type"
    """Acts, then answers 200 with an HTML page."""
    SLOW = "slow"
    """Acts, then sends the body in small pieces over `seconds`."""
    RESET_BEFORE = "reset_before"
    """Resets the connection, does not act."""
    RESET_AFTER = "reset_after"
    """Acts, then resets the connection."""
    EMPTY = "empty"
    """Acts, then closes the connection in good order, without an answer."""


MOST: Final = 1_000_000
LONGEST: Final = 600
"""The most seconds a fault takes."""

Name = Annotated[str, Meta(max_length=200)]
Number = Annotated[int, Meta(ge=0, le=MOST)]

ALLOWED: Final = {
    "kind": f"one of {', '.join(Kind)}",
    "method": "a method such as POST, or *",
    "path": "a path such as /v1/orders/*, in which * stands for anything",
    "query_contains": "a text of at most 200 characters",
    "body_contains": "a text of at most 200 characters",
    "api_key": "the key of an app",
    "count": f"a whole number from 1 to {MOST}: how many requests to strike (1 when left out)",
    "probability": "a number from 0 to 1: each request's chance to be struck, for as long as the rule is in force",
    "seed": f"a whole number from 0 to {MOST}: the same one strikes the same requests",
    "skip": f"a whole number from 0 to {MOST}: how many matching requests to let pass first",
    "status": "a status from 300 to 599",
    "retry_after": f"a whole number of seconds from 0 to {MOST}",
    "retry_after_as": "seconds or date",
    "page": "true for an HTML page as proxies send it, false for JSON",
    "error": "a text of at most 200 characters: the error of the JSON body",
    "seconds": f"a number above 0, at most {LONGEST}",
}
"""What each field of a rule may be."""


class Rule(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One rule, as ordered; `ALLOWED` tells what its fields mean."""

    kind: Kind
    method: Annotated[str, Meta(pattern=r"^(\*|[A-Za-z]{1,20})$")] = "*"
    path: Annotated[str, Meta(pattern=r"^[/*]", max_length=200)] = "*"
    query_contains: Name = ""
    body_contains: Name = ""
    api_key: Name | None = None
    count: Annotated[int, Meta(ge=1, le=MOST)] | None = None
    probability: Annotated[float, Meta(ge=0, le=1)] | None = None
    seed: Number | None = None
    skip: Number = 0
    status: Annotated[int, Meta(ge=300, le=599)] | None = None
    retry_after: Number | None = None
    retry_after_as: Literal["seconds", "date"] | None = None
    page: bool | None = None
    error: Name | None = None
    seconds: Annotated[float, Meta(gt=0, le=LONGEST)] | None = None

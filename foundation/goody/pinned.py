"""Requests to Goody with a key that has to be of one Goody app: the first one asks whose key it is.

One app's orders must never go out under another's account because somebody pasted the wrong key. A key of another app
is treated as Goody treats a wrong one, so that orders wait, and are told as stuck, until the right one is there.
"""

import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from foundation.errors import GoodyUnreadableError
from foundation.goody.reading import read_me
from foundation.http import Answer, ExchangeError, HttpClient, NotSentError
from foundation.logs import get_logger

log = get_logger(__name__)

WRONG_APP = Answer(
    HTTPStatus.UNAUTHORIZED, {}, b'{"error": "The key is of another Goody app than this app is pinned to."}'
)


class PinnedHttp(HttpClient):
    """A pool of connections whose key must belong to the Goody app of this `public_app_id`."""

    def __init__(self, base_url: str, *, public_app_id: str, **options: Any) -> None:  # noqa: ANN401  as HttpClient's
        super().__init__(base_url, **options)
        self._public_app_id = public_app_id
        self._is_right: bool | None = None
        self._asking = threading.Lock()

    def get(self, path: str, params: Mapping[str, str] | None = None, *, retry: bool = True) -> Answer:
        """The answer to a GET; 401 if the key is another app's."""
        return self._refusal() or super().get(path, params, retry=retry)

    def post(
        self, path: str, body: bytes = b"", *, headers: Mapping[str, str] | None = None, retry: bool = False
    ) -> Answer:
        """The answer to a POST; 401 if the key is another app's."""
        return self._refusal() or super().post(path, body, headers=headers, retry=retry)

    def _refusal(self) -> Answer | None:
        """What stands in the way; None if nothing does. NotSentError if it can't be told whose key it is."""
        if self._is_right is None:
            with self._asking:
                if self._is_right is None:
                    return self._ask()
        return None if self._is_right else WRONG_APP

    def _ask(self) -> Answer | None:
        try:
            answer = super().get("/v1/me")
        except ExchangeError as error:
            # Of what was to be sent nothing was.
            raise NotSentError(f"Whose key it is can't be told: {error}") from error
        if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return answer
        if answer.status != HTTPStatus.OK:
            raise NotSentError(f"Whose key it is can't be told: Goody answered {answer.status}.")
        try:
            self._is_right = read_me(answer.body).public_app_id == self._public_app_id
        except GoodyUnreadableError as error:
            raise NotSentError(f"Whose key it is can't be told: {error.detail}") from error
        if not self._is_right:
            log.error("a Goody key is of another app than it is pinned to", pinned_to=self._public_app_id)
        return None if self._is_right else WRONG_APP

"""The token of the control API: which pages may use it at all is in :mod:`harness.live.access`."""

import hmac
from collections.abc import Mapping

from ..admission import read_connect_request


class HttpError(Exception):
    """A request is answered with this status, one sentence and these headers; never raised out of the control API."""

    def __init__(self, status: int, sentence: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = headers or {}


def check_token(headers: Mapping[str, str], token: str | None) -> None:
    """Raise :exc:`HttpError` (401) unless the request has the server's token, if any. Header names are lower-case."""
    sent = read_connect_request("", headers, offered=()).key or ""
    if token is not None and not hmac.compare_digest(sent.encode(), token.encode()):
        sentence = "this server has a token; send the header 'Authorization: Bearer TOKEN'"
        raise HttpError(401, sentence, {"WWW-Authenticate": "Bearer"})

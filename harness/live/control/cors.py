"""CORS: a page that :mod:`harness.live.access` allows may read every answer, errors too, and ask before it sends.

Cookies play no part here, so no header about credentials is sent. Each answer says that it depends on the ``Origin``.
"""

import re
from collections.abc import Mapping

_METHODS = "GET, HEAD, POST, DELETE"
_MAX_AGE_S = 600
"""For so long a browser need not ask again."""
_HEADER_NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,4000}")


def cors_headers(origin: str | None) -> dict[str, str]:
    """What lets a page of ``origin`` read an answer; None: the request is not an allowed page's."""
    if origin is None:
        return {"Vary": "Origin"}
    return {"Vary": "Origin", "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "Location"}


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a browser asks if a page may send a request. The names of ``headers`` are lower-case."""
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers


def preflight_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The answer for an allowed page: with any header it likes, from a page on a public network too."""
    answer = {"Access-Control-Allow-Methods": _METHODS, "Access-Control-Max-Age": str(_MAX_AGE_S)}
    wanted = headers.get("access-control-request-headers", "")
    if _HEADER_NAMES.fullmatch(wanted):
        answer["Access-Control-Allow-Headers"] = wanted
    if headers.get("access-control-request-private-network") == "true":
        answer["Access-Control-Allow-Private-Network"] = "true"
    return answer

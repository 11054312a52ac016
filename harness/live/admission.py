"""Who is let in. The service accepts every WebSocket and refuses afterwards: one ``error`` event, then a close.

That it does so, the codes, and the close reason ``TYPE.CODE`` are captured (2026-09). Of the sentences only the beta
one is; the others are ours. So is the order in which a client with several mistakes is told of them: key, beta, model.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs

from harness.errors import ProtocolError
from harness.server.models import is_known

PATHS = ("/v1/realtime", "/realtime")
"""Where a session is served; a client whose base URL lacks ``/v1`` uses the second."""
SUBPROTOCOL = "realtime"
KEY_SUBPROTOCOL = "openai-insecure-api-key."
"""A browser cannot send headers, so it offers its key as a subprotocol; it is never the one selected."""
BETA_SUBPROTOCOL = "openai-beta.realtime-v1"
BETA_HEADER = "realtime=v1"

Spoken = Literal["ga", "beta"]
"""The dialect of one connection."""
Dialects = Literal["ga", "beta", "sunset"]
"""What becomes of a client that asks for the beta: it gets GA events all the same, or beta ones, or is refused."""

_BEARER = re.compile(r"Bearer +(\S+) *", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dial:
    """What a client says before it is let in. ``key`` is None if it has sent none that could be read."""

    model: str | None
    key: str | None
    asks_for_beta: bool
    offered: tuple[str, ...] = ()
    """The subprotocols, in the client's order."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The client gets a session of this model in this dialect."""

    model: str
    dialect: Spoken


@dataclass(frozen=True, slots=True)
class Refusal:
    """The client gets this ``error`` event, and the close code that follows it."""

    error: ProtocolError
    close_code: int

    @property
    def close_reason(self) -> str:
        """The error's type and code (captured)."""
        code = self.error.code
        return self.error.error_type if code is None else f"{self.error.error_type}.{code}"


@dataclass(frozen=True, slots=True)
class Admission:
    """The rules.

    ``keys``: those that are good; if there are none, any key is. ``key_needed`` False: no key is looked at.
    ``any_model``: a model need not be one of the service's; a client that names none gets ``default_model``.
    ``dialects`` "sunset" refuses a client that asks for the beta, as the service does.
    """

    keys: frozenset[str] = frozenset()
    key_needed: bool = True
    any_model: bool = False
    default_model: str = "gpt-realtime"
    dialects: Dialects = "sunset"

    def admit(self, dial: Dial) -> Admitted | Refusal:
        """The session that a client gets, or why it gets none."""
        if self.key_needed:
            if dial.key is None:
                return _refusal(3000, None, _NO_KEY)
            if self.keys and not self._good(dial.key):
                return _refusal(3000, "invalid_api_key", "Incorrect API key provided.")
        if dial.asks_for_beta and self.dialects == "sunset":
            return _refusal(4000, "beta_api_shape_disabled", _SUNSET)
        if dial.model is None and not self.any_model:
            return _refusal(4000, "missing_model", "You must provide a model parameter: add '?model=gpt-realtime'.")
        model = dial.model or self.default_model
        if not self.any_model and not is_known(model):
            return _refusal(4000, "invalid_model", f"Model '{model[:_SHOWN]}' is not supported in realtime mode.")
        return Admitted(model, "beta" if dial.asks_for_beta and self.dialects == "beta" else "ga")

    def _good(self, key: str) -> bool:
        given = key.encode(errors="replace")
        return any(hmac.compare_digest(given, good.encode()) for good in self.keys)


_NO_KEY = (
    "Missing bearer authentication: send the header 'Authorization: Bearer KEY', or offer the subprotocol "
    "'openai-insecure-api-key.KEY'."
)
_SUNSET = "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API."
"""Captured."""
_SHOWN = 64


def _refusal(close_code: int, code: str | None, message: str) -> Refusal:
    return Refusal(ProtocolError(code, message), close_code)


def read_dial(target: str, headers: Mapping[str, str], offered: Sequence[str]) -> Dial:
    """What a client says with its request: ``target`` is the path with its query, ``headers`` have lower-case names."""
    models = parse_qs(target.partition("?")[2]).get("model")
    return Dial(
        model=models[-1] if models else None,
        key=_key(headers.get("authorization", ""), offered),
        asks_for_beta=BETA_HEADER in _items(headers.get("openai-beta", "")) or BETA_SUBPROTOCOL in offered,
        offered=tuple(offered),
    )


def _key(authorization: str, offered: Sequence[str]) -> str | None:
    """The header's key, or else the subprotocol's."""
    if (bearer := _BEARER.fullmatch(authorization)) is not None:
        return bearer[1]
    for subprotocol in offered:
        if subprotocol.startswith(KEY_SUBPROTOCOL) and subprotocol != KEY_SUBPROTOCOL:
            return subprotocol.removeprefix(KEY_SUBPROTOCOL)
    return None


def _items(header: str) -> list[str]:
    """The elements of a header whose value is a list."""
    return [item.strip() for item in header.split(",")]

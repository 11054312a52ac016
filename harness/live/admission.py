"""Which clients get a session. The service accepts every WebSocket and refuses afterwards: ``error`` event, then Close.

That it does so, the codes, and the close reason ``TYPE.CODE`` are captured (2026-09). Of the sentences only that of the
beta is captured; the others are ours. So is the order in which the mistakes of a client are checked: key, beta, model.
"""

import base64
import contextlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import parse_qs

from ..errors import ProtocolError, SettingError, did_you_mean
from ..server.config import is_known_model

PATHS = ("/v1/realtime", "/realtime")
"""The paths of the WebSocket; a client whose base URL lacks ``/v1`` uses the second."""
SUBPROTOCOL = "realtime"
_KEY_SUBPROTOCOL = "openai-insecure-api-key."
"""A browser cannot send headers, so it offers its key as a subprotocol, which the server never selects."""
_KEY_NAMES = re.compile("auth|key|token|secret|cookie|password|credential", re.IGNORECASE)
"""In the names of headers and parameters in which a client of any service may send a key; they admit nobody."""
_PARTS = re.compile(r"""[^\s,;:="']+""")
_SHORTEST_PART = 8
"""A shorter part of such a value is no key: it would hide plain words."""
_PROTOCOLS = (SUBPROTOCOL, "openai-")
"""Further subprotocols may be keys, whatever a gateway expects; these begin no key."""
_MOST_SECRETS = 16
"""So many of one request are hidden."""
_BETA_SUBPROTOCOL = "openai-beta.realtime-v1"
_BETA_HEADER = "realtime=v1"

Dialects = Literal["ga", "sunset"]
"""A client that asks for the beta gets GA events nevertheless, or is refused (sunset)."""

_JOURNAL_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""A journal's name becomes part of the name of its file."""
_BEARER = re.compile(r"Bearer +(\S+) *", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """What a client asks for when it connects. ``key`` is None if it has sent none that could be read."""

    model: str | None
    key: str | None
    asks_for_beta: bool
    offered: tuple[str, ...] = ()
    """The subprotocols, in the client's order."""
    journal: str | None = None
    """The name of the journal that the connection is to share, if the client gives one."""
    secrets: tuple[str, ...] = ()
    """Whatever of the request may be a key, well-formed or not: it is hidden in what is kept of the connection."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The client gets a session with this model."""

    model: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The client gets this ``error`` event, and then this close code."""

    error: ProtocolError
    close_code: int

    @property
    def close_reason(self) -> str:
        """The error's type and code (captured)."""
        code = self.error.code
        return self.error.error_type if code is None else f"{self.error.error_type}.{code}"


@dataclass(frozen=True, slots=True)
class Admission:
    """The rules by which a client gets a session.

    ``keys``: the valid keys; if empty, every key is valid. ``key_needed`` False: keys are not checked.
    ``any_model``: the model need not be one of the service's; a client that names none gets ``default_model``.
    ``dialects`` "sunset" refuses a client that asks for the beta, as the service does. Raises :exc:`SettingError` for
    another dialect.
    """

    keys: frozenset[str] = frozenset()
    key_needed: bool = True
    any_model: bool = False
    default_model: str = "gpt-realtime"
    dialects: Dialects = "sunset"

    def __post_init__(self) -> None:
        read_dialects(self.dialects)

    def admit(self, request: ConnectRequest) -> Admitted | Refusal:
        """The session that a client gets, or why it gets none."""
        if self.key_needed:
            if request.key is None:
                return _refusal(3000, None, _NO_KEY)
            if self.keys and not self._valid(request.key):
                return _refusal(3000, "invalid_api_key", "Incorrect API key provided.")
        if request.journal is not None and _JOURNAL_NAME.fullmatch(request.journal) is None:
            return _refusal(4000, "invalid_journal", _BAD_NAME.format(name=request.journal[:_SHOWN]))
        if request.asks_for_beta and self.dialects == "sunset":
            return _refusal(4000, "beta_api_shape_disabled", _SUNSET)
        if request.model is None and not self.any_model:
            return _refusal(4000, "missing_model", "You must provide a model parameter: add '?model=gpt-realtime'.")
        model = request.model or self.default_model
        if not self.any_model and not is_known_model(model):
            return _refusal(4000, "invalid_model", f"Model '{model[:_SHOWN]}' is not supported in realtime mode.")
        return Admitted(model)

    def _valid(self, key: str) -> bool:
        sent = key.encode(errors="replace")
        return any(hmac.compare_digest(sent, valid.encode()) for valid in self.keys)


_NO_KEY = (
    "Missing bearer authentication: send the header 'Authorization: Bearer KEY', or offer the subprotocol "
    "'openai-insecure-api-key.KEY'."
)
_SUNSET = "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API."
"""Captured."""
_BAD_NAME = (
    "The journal's name '{name}' has characters that a file name should not hold; use up to 64 letters, digits, '.', "
    "'_' and '-'."
)
_SHOWN = 64
"""Characters of a model's name that the error shows."""


def _refusal(close_code: int, code: str | None, message: str) -> Refusal:
    return Refusal(ProtocolError(code, message), close_code)


def read_dialects(name: str) -> Dialects:
    """The dialects by their name. Raises :exc:`SettingError` for a name that is not one of them."""
    for known in get_args(Dialects):
        if name == known:
            return known  # type: ignore[no-any-return]
    if name == "beta":
        raise SettingError(
            "the dialect 'beta' was removed, because the service refuses the beta since 2026-05; move the client to "
            "the GA API, or use 'ga' to serve it GA events although it asks for the beta"
        )
    raise SettingError(f"no dialect is called {name!r}; {did_you_mean(name, get_args(Dialects))}")


def read_connect_request(target: str, headers: Mapping[str, str], offered: Sequence[str]) -> ConnectRequest:
    """Read the request of a client.

    ``target`` is the path with its query, ``headers`` have lower-case names, ``offered`` are the subprotocols.
    """
    query = parse_qs(target.partition("?")[2])
    models, journals = query.get("model"), query.get("journal")
    return ConnectRequest(
        model=models[-1] if models else None,
        key=_key(headers.get("authorization", ""), offered),
        asks_for_beta=_BETA_HEADER in _items(headers.get("openai-beta", "")) or _BETA_SUBPROTOCOL in offered,
        offered=tuple(offered),
        journal=journals[-1] if journals else headers.get("x-stillthere-journal"),
        secrets=_secrets(headers, query, offered),
    )


def _secrets(headers: Mapping[str, str], query: Mapping[str, list[str]], offered: Sequence[str]) -> tuple[str, ...]:
    authorization = headers.get("authorization", "").strip()
    found = [authorization.partition(" ")[2].strip() or authorization]
    found += [each.rpartition(" ")[2] for each in _items(authorization)]  # several headers are joined by a comma
    found += [each[len(_KEY_SUBPROTOCOL) :] for each in offered if each.lower().startswith(_KEY_SUBPROTOCOL)]
    named = [*headers.items(), *((name, value) for name, values in query.items() for value in values)]
    values = [value.strip() for name, value in named if _may_hold_a_key(name)]
    found += [value for value in values if value != authorization]
    others = [each for each in offered if not each.lower().startswith(_PROTOCOLS)]
    others += [rest for name, _, rest in (each.partition(".") for each in offered) if _may_hold_a_key(name)]
    for text in (*values, *_decoded_basic(authorization), *others):
        found += [part for part in _PARTS.findall(text) if len(part) >= _SHORTEST_PART]
    return tuple(dict.fromkeys(filter(None, found)))[:_MOST_SECRETS]


def _may_hold_a_key(name: str) -> bool:
    return _KEY_NAMES.search(name) is not None and not name.startswith("sec-websocket-")


def _decoded_basic(authorization: str) -> list[str]:
    """User and password of ``Basic``, each a part."""
    with contextlib.suppress(ValueError):
        return [base64.b64decode(authorization.rpartition(" ")[2], validate=True).decode()]
    return []


def _key(authorization: str, offered: Sequence[str]) -> str | None:
    """The header's key, or else the subprotocol's."""
    if (bearer := _BEARER.fullmatch(authorization)) is not None:
        return bearer[1]
    for subprotocol in offered:
        if subprotocol.startswith(_KEY_SUBPROTOCOL) and subprotocol != _KEY_SUBPROTOCOL:
            return subprotocol.removeprefix(_KEY_SUBPROTOCOL)
    return None


def _items(header: str) -> list[str]:
    """The elements of a header whose value is a list."""
    return [item.strip() for item in header.split(",")]

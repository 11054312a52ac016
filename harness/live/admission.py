"""Which clients get a session. The service accepts every WebSocket and refuses afterwards: ``error`` event, then Close.
Azure answers a client that it refuses with an HTTP status, before there is a WebSocket (reported).

That it does so, the codes, and the close reason ``TYPE.CODE`` are captured (2026-09). Of the sentences that of the beta
is captured and that of an unknown model reported; the others are ours. So is the order in which the mistakes of a
client are checked: key, beta, model.
"""

import base64
import contextlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args
from urllib.parse import parse_qs

from ..errors import ProtocolError, SettingError, did_you_mean
from ..server.models import is_known_model
from ..server.services import Service
from ..server.session import SessionKind
from ..server.transcription_models import is_transcriber, is_translator
from .client_secrets import PREFIX, ClientSecret

_CONVERSATIONS = ("/v1/realtime", "/realtime", "/openai/v1/realtime", "/openai/realtime")
_TRANSLATIONS = ("/v1/realtime/translations", "/realtime/translations")
PATHS = (*_CONVERSATIONS, *_TRANSLATIONS)
"""The paths of the WebSocket; a client whose base URL lacks ``/v1`` uses the second of each pair; two are Azure's."""
_AZURE = "/openai/"
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
    call_id: str | None = None
    """The call that a WebSocket is to join."""
    service: Service = "openai"
    """Whose path it is."""
    kind: SessionKind = "realtime"
    """By the path, and by ``intent=transcription``."""
    secret: ClientSecret | None = None
    """The client secret that the key is, if the server has created it."""
    secrets: tuple[str, ...] = ()
    """Whatever of the request may be a key, well-formed or not: it is hidden in what is kept of the connection."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The client gets a session of this kind, which begins with the configuration of a client secret, if any."""

    model: str
    """Empty for a transcription session, whose model the client names later."""
    kind: SessionKind = "realtime"
    session: Mapping[str, Any] | None = None
    service: Service = "openai"


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

    def admit(self, request: ConnectRequest, now: float = 0.0) -> Admitted | Refusal:
        """The session that a client gets at this Unix time, or why it gets none."""
        secret = request.secret
        refused = self.refused_key(request.key, secret, now)
        if refused is not None:
            return Refusal(refused, 3000)
        if request.journal is not None and _JOURNAL_NAME.fullmatch(request.journal) is None:
            return _refusal(4000, "invalid_journal", _BAD_NAME.format(name=request.journal[:_SHOWN]))
        if request.asks_for_beta and self.dialects == "sunset":
            return _refusal(4000, "beta_api_shape_disabled", _SUNSET)
        admitted = self._kind(request)
        if isinstance(admitted, Admitted):
            admitted = replace(admitted, service=request.service, session=None if secret is None else secret.session)
        return admitted

    def _kind(self, request: ConnectRequest) -> Admitted | Refusal:
        """The kind of session and its model: as the path says, or the client secret."""
        secret = request.secret
        kind = request.kind if secret is None else secret.kind
        if (kind == "translation") is not (request.kind == "translation"):
            return _refusal(4000, "invalid_session_type", _OTHER_PATH.format(kind=kind))
        if kind == "transcription":
            return self._transcription(request.model)
        model = request.model or (None if secret is None else secret.model)
        if model is None and secret is None and not self.any_model:
            usual = _DEFAULT_TRANSLATOR if kind == "translation" else "gpt-realtime"
            return _refusal(4000, "missing_model", f"You must provide a model parameter: add '?model={usual}'.")
        if kind == "translation":
            model = model or _DEFAULT_TRANSLATOR
            return Admitted(model, kind) if self.any_model or is_translator(model) else _unsupported(model, kind)
        if request.service == "azure" and not _is_of_another_kind(model):
            model = self.model_of_deployment(model)
        model = model or self.default_model
        return Admitted(model) if self.serves(model) else _unsupported(model, kind)

    def _transcription(self, model: str | None) -> Admitted | Refusal:
        """Its model is named in ``session.update``: one in the URL is refused, with these sentences (reported)."""
        if model is None or self.any_model:
            return Admitted(model or "", "transcription")
        if is_transcriber(model):
            return _unsupported(model, "transcription")
        return _refusal(4000, "invalid_model", "You must not provide a model parameter for transcription sessions.")

    def refused_key(self, key: str | None, secret: ClientSecret | None, now: float) -> ProtocolError | None:
        """Why a client with this key gets nothing; ``secret`` is the client secret that the key is, if any."""
        if secret is not None:
            return ProtocolError("invalid_api_key", _EXPIRED) if secret.has_expired(now) else None
        if not self.key_needed:
            return None
        if key is None:
            return ProtocolError(None, _NO_KEY)
        if self._valid(key) if self.keys else not key.startswith(PREFIX):
            return None
        return ProtocolError("invalid_api_key", "Incorrect API key provided.")

    def serves(self, model: str) -> bool:
        """Whether a conversation can have this model."""
        return not _is_of_another_kind(model) and (self.any_model or is_known_model(model))

    def model_of_deployment(self, name: str | None) -> str:
        """The model of an Azure deployment, which may have any name: that model, if it is the name of one."""
        return name if name is not None and self.serves(name) else self.default_model

    def _valid(self, key: str) -> bool:
        sent = key.encode(errors="replace")
        return any(hmac.compare_digest(sent, valid.encode()) for valid in self.keys)


_NO_KEY = (
    "Missing bearer authentication: send the header 'Authorization: Bearer KEY', or offer the subprotocol "
    "'openai-insecure-api-key.KEY'."
)
_EXPIRED = "Ephemeral token expired."
"""Reported of a call; that it is the same at a dial is assumed."""
_OTHER_PATH = (
    "This client secret is for a {kind} session. Dial /v1/realtime/translations for a translation session, and "
    "/v1/realtime for the others."
)
_SUNSET = "The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API."
"""Captured."""
_BAD_NAME = (
    "The journal's name '{name}' has characters that a file name should not hold; use up to 64 letters, digits, '.', "
    "'_' and '-'."
)
_SHOWN = 64
"""Characters of a model's name that the error shows."""
_DEFAULT_TRANSLATOR = "gpt-realtime-translate"


def _unsupported(model: str, mode: SessionKind) -> Refusal:
    return Refusal(unsupported_model(model, mode), 4000)


def _is_of_another_kind(model: str | None) -> bool:
    """Whether it is a model that has no conversations."""
    return model is not None and (is_transcriber(model) or is_translator(model))


def _refusal(close_code: int, code: str | None, message: str) -> Refusal:
    return Refusal(ProtocolError(code, message), close_code)


def unsupported_model(model: str, mode: SessionKind = "realtime") -> ProtocolError:
    """The error for a model that sessions of this kind do not have (reported)."""
    return ProtocolError("invalid_model", f'Model "{model[:_SHOWN]}" is not supported in {mode} mode.')


def service_of(target: str) -> Service:
    """Whose path it is."""
    return "azure" if target.startswith(_AZURE) else "openai"


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
    path, _, parameters = target.partition("?")
    query = parse_qs(parameters)
    service = service_of(target)
    azure = service == "azure"
    models, journals = (azure and query.get("deployment")) or query.get("model"), query.get("journal")
    calls = query.get("call_id")
    key = _key(headers.get("authorization", ""), offered)
    if azure:
        key = headers.get("api-key", "").strip() or query.get("api-key", [""])[-1].strip() or key
    return ConnectRequest(
        model=models[-1] if models else None,
        key=key,
        asks_for_beta=_BETA_HEADER in _items(headers.get("openai-beta", "")) or _BETA_SUBPROTOCOL in offered,
        offered=tuple(offered),
        journal=journals[-1] if journals else headers.get("x-stillthere-journal"),
        call_id=calls[-1] if calls else None,
        service=service,
        kind=_kind(path, query),
        secrets=_secrets(headers, query, offered),
    )


def _kind(path: str, query: Mapping[str, list[str]]) -> SessionKind:
    if path.endswith("/translations"):
        return "translation"
    return "transcription" if query.get("intent", [""])[-1] == "transcription" else "realtime"


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

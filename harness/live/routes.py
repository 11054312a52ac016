"""The control API as one table: what can be asked, with what, and every answer it can have.

:mod:`harness.live.control` finds a request's route here and answers it; :mod:`harness.live.openapi` writes the same
table down as a document. So neither knows a route, a field or a status that the other does not.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args

import msgspec
from websockets.frames import EXTERNAL_CLOSE_CODES

from harness.faults import NETWORK, SERVER
from harness.live.controlled import FaultView, SessionView
from harness.protocol.events import ServerEvent

MAX_BODY_BYTES = 1024 * 1024
"""Largest body of a request: room for a scripted event with 15 s of audio."""
JSON = "application/json"
NDJSON = "application/x-ndjson"
HTML = "text/html"
LARGEST = 10**15 - 1
"""No number of a path or a query is larger."""

# --- what is sent -----------------------------------------------------------------------------------------------------


class Strike(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fault to begin: for one session or for all, for a time or until it is released."""

    fault: Annotated[str, msgspec.Meta(extra_json_schema={"enum": sorted({**NETWORK, **SERVER})})]
    session: Annotated[int, msgspec.Meta(ge=1)] | None = None
    lasts_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)] | None = None
    parameters: Annotated[
        dict[str, Any],
        msgspec.Meta(description="Of the fault, as they are written in a scenario; `GET /faults` lists them."),
    ] = msgspec.field(default_factory=dict, name="with")


_EVENT_TYPES = sorted(str(event.__struct_config__.tag) for event in get_args(ServerEvent))
Event = Annotated[
    dict[str, Any],
    msgspec.Meta(
        description="A server event with the fields of its type, as it is to be sent; one without `event_id` gets one.",
        extra_json_schema={"required": ["type"], "properties": {"type": {"enum": _EVENT_TYPES}}},
    ),
]
_CODES = sorted(map(int, EXTERNAL_CLOSE_CODES))


class Closing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the server closes a WebSocket: a code that may be sent, a reason of at most 123 bytes in UTF-8 (RFC 6455)."""

    code: Annotated[
        int,
        msgspec.Meta(ge=1000, le=4999, extra_json_schema={"anyOf": [{"enum": _CODES}, {"minimum": 3000}]}),
    ] = 1000
    reason: Annotated[str, msgspec.Meta(max_length=123)] = ""


# --- what is answered -------------------------------------------------------------------------------------------------


class Sessions(msgspec.Struct, frozen=True):
    """All sessions that the server still knows, the oldest first; ``started_at`` is Unix time in seconds."""

    url: str
    started_at: float
    sessions: list[SessionView]


class ParameterKind(msgspec.Struct, frozen=True):
    """A parameter of a fault: what it says, what it is if it is not given, and what may be given, as JSON Schema."""

    says: str
    default: Any
    schema: dict[str, Any]


class FaultKind(msgspec.Struct, frozen=True):
    """A fault that can be struck: what it does, and where it has been seen."""

    name: str
    does: str
    seen: str
    parameters: dict[str, ParameterKind]


class Faults(msgspec.Struct, frozen=True):
    """The faults in force, and those that there are."""

    active: list[FaultView]
    catalogue: list[FaultKind]


class Entries(msgspec.Struct, frozen=True):
    """Journal entries, and what to give as ``since`` to get those that follow."""

    next: int
    entries: list[dict[str, Any]]


class Health(msgspec.Struct, frozen=True):
    """The server answers."""

    status: Literal["ok"]
    version: str


class Refusal(msgspec.Struct, frozen=True):
    """Why a request was refused, and what to do about it, in one sentence."""

    error: str


# --- the table --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """One status that a route can have. ``media`` maps each media type to the type of what it holds."""

    status: int
    description: str
    media: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of a path, ``in_`` "path", or of a query; all are whole numbers or names."""

    name: str
    in_: Literal["path", "query"]
    type: Any
    description: str


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path; ``operation`` is also the name of the method of ``ControlApi`` that answers it.

    ``public`` ones hold nothing of a session and change nothing, so they need no token.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    operation: str
    summary: str
    answers: tuple[Answer, ...]
    parameters: tuple[Parameter, ...] = ()
    body: Any = None
    example: dict[str, Any] | None = None
    public: bool = False


def _refused(status: int, description: str) -> Answer:
    return Answer(status, description, {JSON: Refusal})


_COUNTED = Annotated[int, msgspec.Meta(ge=1, le=LARGEST)]
_INDEX = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]
_NUMBER = Parameter("number", "path", _COUNTED, "A session's number, as `GET /sessions` lists it.")
_FAULT_ID = Parameter("fault_id", "path", _COUNTED, "A fault's id, as `GET /faults` lists it.")
_SINCE = Parameter("since", "query", _INDEX, "Answer JSON with the entries from this one on; 0 is the first.")
_NO_SESSION = _refused(404, "There is no such session.")
_CLOSED = _refused(409, "The session is closed.")
EVERYWHERE = (_refused(403, "The Host or the Origin of the request is foreign."), _refused(500, "A bug of stillthere."))
"""What every route can answer."""
GUARDED = (_refused(401, "The server has a token, and the request has not."),)
"""What a route that is not public can answer besides."""
WITH_BODY = (_refused(400, "The body is not what it should be."), _refused(413, "The body is too large."))
"""What a route with a body can answer besides."""

ROUTES = (
    Route("GET", "/", "page", "A page that shows the sessions.", (Answer(200, "The page.", {HTML: str}),), public=True),
    Route("GET", "/healthz", "healthz", "Does the server answer?", (Answer(200, "Yes.", {JSON: Health}),), public=True),
    Route(
        "GET", "/openapi.json", "openapi", "This document.", (Answer(200, "OpenAPI 3.1.", {JSON: dict}),), public=True
    ),
    Route("GET", "/sessions", "sessions", "All sessions.", (Answer(200, "The sessions.", {JSON: Sessions}),)),
    Route(
        "GET",
        "/sessions/{number}",
        "session",
        "One session.",
        (Answer(200, "The session.", {JSON: SessionView}), _NO_SESSION),
        (_NUMBER,),
    ),
    Route(
        "POST",
        "/sessions/{number}/events",
        "emit",
        "Send a server event to the client, as if the service had sent it.",
        (Answer(204, "It is sent."), _NO_SESSION, _CLOSED),
        (_NUMBER,),
        body=Event,
        example={"type": "input_audio_buffer.dtmf_event_received", "event": "5", "received_at": 1763000000},
    ),
    Route(
        "POST",
        "/sessions/{number}/close",
        "close",
        "Close the session's WebSocket; `{}` closes with 1000.",
        (Answer(204, "It is closing."), _NO_SESSION, _CLOSED),
        (_NUMBER,),
        body=Closing,
        example={"code": 1011, "reason": "keepalive ping timeout"},
    ),
    Route("GET", "/faults", "faults", "The faults in force, and all kinds.", (Answer(200, "Them.", {JSON: Faults}),)),
    Route(
        "POST",
        "/faults",
        "strike",
        "Begin a fault, in one session or in all.",
        (Answer(201, "It has begun; `Location` is where to release it.", {JSON: FaultView}), _NO_SESSION, _CLOSED),
        body=Strike,
        example={"fault": "delayed-events", "session": 3, "lasts_s": 5, "with": {"events": "response.done"}},
    ),
    Route(
        "DELETE",
        "/faults/{fault_id}",
        "release",
        "End a fault.",
        (Answer(204, "It has ended."), _refused(404, "No such fault is in force.")),
        (_FAULT_ID,),
    ),
    Route(
        "GET",
        "/journal/{number}",
        "journal",
        "The journal of a session.",
        (
            Answer(200, "All of it, one JSON line an entry; with `since` its end.", {NDJSON: str, JSON: Entries}),
            _refused(400, "`since` is no whole number."),
            _NO_SESSION,
        ),
        (_NUMBER, _SINCE),
    ),
)


def answers(route: Route) -> tuple[Answer, ...]:
    """All that a route can answer, its own and what it shares with others."""
    shared = EVERYWHERE + (() if route.public else GUARDED) + (() if route.body is None else WITH_BODY)
    return tuple(sorted(route.answers + shared, key=lambda answer: answer.status))

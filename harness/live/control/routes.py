"""The control API as one table: what can be requested, with which body, and every response it can have.

:mod:`harness.live.control.api` finds a request's route here and answers it; :mod:`harness.live.control.openapi` makes
a document of the same table. So both know the same routes, fields and statuses.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args

import msgspec
from websockets.frames import EXTERNAL_CLOSE_CODES

from ...faults import MEDIA, NETWORK, SERVER, Transport
from ...faults.seams import Cure
from ...protocol.events import ServerEvent
from .views import FaultView, HandsView, SessionState, SessionView, VerdictView, WhichSessions

MAX_BODY_BYTES = 1024 * 1024
"""Largest body of a request: room for a scripted event with 15 s of audio."""
JSON = "application/json"
NDJSON = "application/x-ndjson"
HTML = "text/html"
_LARGEST = 10**15 - 1
"""The largest number of a path or a query."""

# --- request bodies ---------------------------------------------------------------------------------------------------


class FaultBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fault to start: in one session, in all or in the next; now or later; for a time or until it is ended."""

    fault: Annotated[str, msgspec.Meta(extra_json_schema={"enum": sorted({**NETWORK, **SERVER, **MEDIA})})]
    session: Annotated[int, msgspec.Meta(ge=1)] | None = None
    sessions: Annotated[
        WhichSessions,
        msgspec.Meta(
            description="Without `session`: all present and future ones, only the first of each client, or only the "
            "next one that is opened."
        ),
    ] = "all"
    after_s: Annotated[
        float, msgspec.Meta(ge=0, le=86_400, description="It starts so much later; with `next`, after the opening.")
    ] = 0.0
    lasts_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)] | None = None
    parameters: Annotated[
        dict[str, Any],
        msgspec.Meta(
            description="Parameters of the fault, as they are written in a scenario; `GET /faults` lists them."
        ),
    ] = msgspec.field(default_factory=dict, name="with")


class HandsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the user presses the button of push-to-talk."""

    pressed: bool


_EVENT_TYPES = sorted(str(event.__struct_config__.tag) for event in get_args(ServerEvent))
EventBody = Annotated[
    dict[str, Any],
    msgspec.Meta(
        description="A server event with the fields of its type, as it is sent; without `event_id` it gets one.",
        extra_json_schema={"required": ["type"], "properties": {"type": {"enum": _EVENT_TYPES}}},
    ),
]
_CODES = sorted(map(int, EXTERNAL_CLOSE_CODES))


class CloseBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to close a WebSocket: a code that may be sent, a reason of at most 123 bytes in UTF-8 (RFC 6455)."""

    code: Annotated[
        int,
        msgspec.Meta(ge=1000, le=4999, extra_json_schema={"anyOf": [{"enum": _CODES}, {"minimum": 3000}]}),
    ] = 1000
    reason: Annotated[str, msgspec.Meta(max_length=123)] = ""


# --- response bodies --------------------------------------------------------------------------------------------------


class SessionsBody(msgspec.Struct, frozen=True):
    """The newest sessions that the server knows, the oldest first; ``started_at`` is Unix time in seconds."""

    url: str
    started_at: float
    sessions: list[SessionView]
    open: Annotated[int, msgspec.Meta(description="How many are open, on this page or not.")]
    closed: Annotated[int, msgspec.Meta(description="How many closed ones are known, on this page or not.")]
    older: Annotated[int | None, msgspec.Meta(description="As `before` it gives the page of older ones; null: none.")]
    verdicts: Annotated[
        dict[str, VerdictView],
        msgspec.Meta(description="By number, if they were asked for; one may be missing until the next request."),
    ]


class ParameterDescription(msgspec.Struct, frozen=True):
    """A parameter of a fault: its description, its default, and its JSON Schema."""

    says: str
    default: Any
    schema: dict[str, Any]


FaultGroup = Literal["source", "detector", "policy", "session", "wire", "media"]
"""Where a fault acts: its seam; those that do something to a session once are a group of their own."""


class FaultDescription(msgspec.Struct, frozen=True):
    """A fault that can be injected: where it acts, what it does, where it was seen, and what ends it at the latest."""

    name: str
    group: FaultGroup
    does: str
    seen: str
    cure: Cure
    transports: tuple[Transport, ...]
    parameters: dict[str, ParameterDescription]


class FaultsBody(msgspec.Struct, frozen=True):
    """The faults that act now, those that will, and all that can be injected; ``now`` is Unix time in seconds."""

    now: float
    active: list[FaultView]
    waiting: Annotated[
        list[FaultView],
        msgspec.Meta(description="They have not started, or each new session gets them and none has them now."),
    ]
    catalogue: list[FaultDescription]
    microphone: Annotated[list[str], msgspec.Meta(description="Faults of the client's side, which no server reaches.")]


class EntriesBody(msgspec.Struct, frozen=True):
    """Journal entries, and the ``since`` that gives the entries that follow."""

    next: int
    entries: list[dict[str, Any]]


class PictureBody(msgspec.Struct, frozen=True):
    """The picture of a session's journal, and the ``since`` that gives it with the entries that follow."""

    next: int
    document: Annotated[
        dict[str, Any],
        msgspec.Meta(
            description="Lanes, marks and the diagnosis of the whole journal, as harness/picture/document.py makes "
            "them for a report; its times are milliseconds. `entries` are those from `since` on."
        ),
    ]


class HealthBody(msgspec.Struct, frozen=True):
    """The server answers."""

    status: Literal["ok"]
    version: str


class ErrorBody(msgspec.Struct, frozen=True):
    """Why a request was refused and what to do about it, in one sentence."""

    error: str


# --- the table --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RouteResponse:
    """One status that a route can have. ``media``: the type of the body by media type."""

    status: int
    description: str
    media: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RouteParameter:
    """A part of a path (``in_`` "path") or of a query."""

    name: str
    in_: Literal["path", "query"]
    type: Any
    description: str


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path; ``ControlApi`` has a method for each ``operation``, with an underscore before the name.

    A ``public`` route shows nothing of a session and changes nothing, so it needs no token.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    operation: str
    summary: str
    responses: tuple[RouteResponse, ...]
    parameters: tuple[RouteParameter, ...] = ()
    body: Any = None
    example: dict[str, Any] | None = None
    public: bool = False


def _refused(status: int, description: str) -> RouteResponse:
    return RouteResponse(status, description, {JSON: ErrorBody})


_COUNTED = Annotated[int, msgspec.Meta(ge=1, le=_LARGEST)]
_INDEX = Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)]
_NUMBER = RouteParameter("number", "path", _COUNTED, "A session's number, as `GET /sessions` lists it.")
_FAULT_ID = RouteParameter("fault_id", "path", _COUNTED, "A fault's id, as `GET /faults` lists it.")
_SINCE = RouteParameter("since", "query", _INDEX, "The entries from this index on, in JSON; the first is 0.")
LIMIT, MOST_SESSIONS = 100, 1_000
"""How many sessions are listed at once, unless a request says otherwise, and at most."""
_LIMIT = RouteParameter(
    "limit",
    "query",
    Annotated[int, msgspec.Meta(ge=1, le=MOST_SESSIONS)],
    f"Return so many; {LIMIT} if it is absent.",
)
_BEFORE = RouteParameter("before", "query", _COUNTED, "Return those with smaller numbers: `older` of the last answer.")
_STATE = RouteParameter("state", "query", SessionState, "Return those in this state.")
_VERDICTS = RouteParameter("verdicts", "query", bool, "Return the verdicts so far too.")
_NO_SESSION = _refused(404, "There is no such session.")
_CLOSED = _refused(409, "The session is closed.")
_EVERYWHERE = (
    _refused(403, "The Host or the Origin of the request is not allowed."),
    _refused(500, "A bug of stillthere."),
)
"""Responses of every route."""
_GUARDED = (_refused(401, "The server has a token, and the request does not send it."),)
"""Further ones of a route that is not public."""
_WITH_BODY = (_refused(400, "The body is not valid."), _refused(413, "The body is too large."))
"""Further ones of a route with a body."""

ROUTES = (
    Route(
        "GET",
        "/",
        "page",
        "A page that shows the sessions.",
        (RouteResponse(200, "The page.", {HTML: str}),),
        public=True,
    ),
    Route(
        "GET",
        "/healthz",
        "healthz",
        "Does the server answer?",
        (RouteResponse(200, "Yes.", {JSON: HealthBody}),),
        public=True,
    ),
    Route(
        "GET",
        "/openapi.json",
        "openapi",
        "This document.",
        (RouteResponse(200, "OpenAPI 3.1.", {JSON: dict}),),
        public=True,
    ),
    Route(
        "GET",
        "/sessions",
        "sessions",
        "The sessions, a page at a time: the newest ones first, each page with its oldest first.",
        (RouteResponse(200, "The sessions.", {JSON: SessionsBody}), _refused(400, "The query is not valid.")),
        (_LIMIT, _BEFORE, _STATE, _VERDICTS),
    ),
    Route(
        "GET",
        "/sessions/{number}",
        "session",
        "One session.",
        (RouteResponse(200, "The session.", {JSON: SessionView}), _NO_SESSION),
        (_NUMBER,),
    ),
    Route(
        "GET",
        "/sessions/{number}/verdict",
        "verdict",
        "Was what was said last answered so far, and if not, why?",
        (RouteResponse(200, "The verdict, at most a second old.", {JSON: VerdictView}), _NO_SESSION),
        (_NUMBER,),
    ),
    Route(
        "GET",
        "/sessions/{number}/picture",
        "picture",
        "The picture of the session as it is now.",
        (
            RouteResponse(200, "The picture.", {JSON: PictureBody}),
            _refused(400, "`since` is not a whole number."),
            _NO_SESSION,
        ),
        (_NUMBER, _SINCE),
    ),
    Route(
        "POST",
        "/sessions/{number}/events",
        "emit",
        "Send a server event to the client, as if the service had sent it.",
        (RouteResponse(204, "It is sent."), _NO_SESSION, _CLOSED),
        (_NUMBER,),
        body=EventBody,
        example={"type": "input_audio_buffer.dtmf_event_received", "event": "5", "received_at": 1763000000},
    ),
    Route(
        "POST",
        "/sessions/{number}/close",
        "close",
        "Close the session's WebSocket; `{}` closes with 1000.",
        (RouteResponse(204, "It is closing."), _NO_SESSION, _CLOSED),
        (_NUMBER,),
        body=CloseBody,
        example={"code": 1011, "reason": "keepalive ping timeout"},
    ),
    Route(
        "GET",
        "/faults",
        "faults",
        "The faults that act or will, and all that can be injected.",
        (RouteResponse(200, "The faults.", {JSON: FaultsBody}),),
    ),
    Route(
        "POST",
        "/faults",
        "start_fault",
        "Start a fault, in one session, in all or in the next, now or later.",
        (
            RouteResponse(201, "It has started; DELETE its `Location` to end it.", {JSON: FaultView}),
            _NO_SESSION,
            _CLOSED,
        ),
        body=FaultBody,
        example={"fault": "delayed-events", "session": 3, "lasts_s": 5, "with": {"events": "response.done"}},
    ),
    Route(
        "DELETE",
        "/faults/{fault_id}",
        "end_fault",
        "End a fault, or one that waits before it starts.",
        (RouteResponse(204, "It has ended, or will not start."), _refused(404, "There is no such fault.")),
        (_FAULT_ID,),
    ),
    Route(
        "GET",
        "/hands",
        "hands",
        "Does the user press the button of push-to-talk? A client under test asks, and follows.",
        (RouteResponse(200, "The user's hand.", {JSON: HandsView}),),
    ),
    Route(
        "POST",
        "/hands",
        "move_hands",
        "Press or release the button of push-to-talk.",
        (RouteResponse(200, "It stands in the journals of the open sessions.", {JSON: HandsView}),),
        body=HandsBody,
        example={"pressed": True},
    ),
    Route(
        "GET",
        "/journal/{number}",
        "journal",
        "The journal of a session, with the other sessions that are joined in it.",
        (
            RouteResponse(
                200,
                "All of it, one line of JSON an entry; with `since`, the entries from there on.",
                {NDJSON: str, JSON: EntriesBody},
            ),
            _refused(400, "`since` is not a whole number."),
            _NO_SESSION,
        ),
        (_NUMBER, _SINCE),
    ),
)


def responses_of(route: Route) -> tuple[RouteResponse, ...]:
    """All responses of a route, its own and those it shares with others, by status."""
    shared = _EVERYWHERE + (() if route.public else _GUARDED) + (() if route.body is None else _WITH_BODY)
    return tuple(sorted(route.responses + shared, key=lambda response: response.status))

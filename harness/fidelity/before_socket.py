"""What clients call before the socket: client secrets, calls and models, over HTTP on the same port."""

from .behaviour import GUIDES, OURS, SPECIFICATION, Behaviour

_TYPES = "openai-python 3.57, its types and docstrings"
_AZURE = "a recording of Azure's GA service, 2026-07 (a cassette of pydantic-ai)"
_USERS = "users of the service, verbatim"

BEFORE_SOCKET_ROWS = (
    Behaviour(
        "client-secret", "2.6",
        "`POST /v1/realtime/client_secrets` gives a key `ek_…`, when it expires, and the effective session, whose "
        "`expires_at` is 0. The session is checked as in a `session.update`, `type` included; without it, it is the "
        "default one.",
        "documented", f"{SPECIFICATION}; {_TYPES}; {_AZURE}",
    ),
    Behaviour(
        "client-secret-lasts", "2.6",
        "It lasts 10 to 7200 s from its creation, 600 by default, and opens any number of sessions until then; a "
        "session that is open goes on.",
        "documented", _TYPES,
    ),
    Behaviour(
        "client-secret-dial", "2.6",
        "A session that is opened with it begins with its configuration, which the client may change; the `model` of "
        "the URL goes before its own.",
        "documented", f"{_TYPES}: 'can also be overridden by the client connection'",
    ),
    Behaviour(
        "client-secret-refused", "2.6",
        "At the dial an unknown `ek_` key is refused as a wrong key is, even where any key is good; so is one that has "
        "expired, with the sentence `Ephemeral token expired`.",
        "inferred", "a wrong key's code and close; the sentence is reported of a call, by a user of the service",
    ),
    Behaviour(
        "client-secret-creates-none", "2.6",
        "A client secret opens sessions, and is refused by these routes.",
        "assumed", OURS,
    ),
    Behaviour(
        "beta-sessions", "2.6",
        "`POST /v1/realtime/sessions` and `POST /v1/realtime/transcription_sessions` take and show the older, flat "
        "shape, with `client_secret: {value, expires_at}`, for 60 s by default. The sessions are those of today.",
        "documented", f"{SPECIFICATION}; whether the service still answers since the beta has ended is not known",
    ),
    Behaviour(
        "transcription-secret", "2.6",
        "A client secret for a transcription session shows the session that it opens, and takes no model.",
        "documented", f"{SPECIFICATION}; the error of the model is reported by {_USERS}",
    ),
    Behaviour(
        "translation-secret", "2.6",
        "`POST /v1/realtime/translations/client_secrets` gives one for a translation session, which needs a model.",
        "documented", _TYPES,
    ),
    Behaviour(
        "client-secret-kinds", "2.6",
        "One for a transcription opens that, dialled without a model; one for a translation opens that, at its path. "
        "At another path it is refused, with Close 4000.",
        "assumed", f"{OURS}; the sentence about the model is reported",
    ),
    Behaviour(
        "calls", "2.6",
        "`POST /v1/realtime/calls` takes an SDP offer, alone or in a form with the session, and answers 201 with the "
        "SDP answer, and `Location` with the call's id. A client secret may begin a call.",
        "documented", f"{SPECIFICATION}; 201 captured (espressif/esp-webrtc-solution #9, #50)",
    ),
    Behaviour(
        "calls-offer", "2.6",
        "An offer that cannot be used is refused with 400 `invalid_offer`.",
        "captured", "code and sentence, espressif/esp-webrtc-solution #17; what of it is checked is ours",
    ),
    Behaviour(
        "calls-answer", "2.6",
        "The answer has Opus alone, with FEC, one fingerprint of SHA-256, and `a=setup:active`; its candidates are of "
        "this machine, by UDP.",
        "captured", "espressif/esp-webrtc-solution #50; the service's are UDP and TCP at port 3478",
    ),
    Behaviour(
        "calls-hangup", "2.6",
        "`POST /v1/realtime/calls/CALL/hangup` ends the call; of one that is unknown or over it is answered 404.",
        "documented", f"{SPECIFICATION}; the 404 is assumed",
    ),
    Behaviour(
        "calls-sideband", "2.6",
        "A WebSocket dialled with `call_id` joins the call: what it sends is answered in the same session, and both it "
        "and the data channel get the events. No event greets it.",
        "documented", f"{SPECIFICATION}; that none greets it is assumed",
    ),
    Behaviour(
        "calls-sideband-after", "2.6",
        "When the client's connection is gone, such a WebSocket stays open, and hears nothing more.",
        "reported", "openai-agents-js #684",
    ),
    Behaviour(
        "calls-sip", "2.6",
        "`accept`, `refer` and `reject` of a call are answered 404: there is no SIP.",
        "assumed", OURS,
    ),
    Behaviour(
        "models", "2.6",
        "`GET /v1/models` lists the models of the vendor's realtime types, all with one date; "
        "`GET /v1/models/MODEL` knows them and their snapshots.",
        "documented", f"{SPECIFICATION}; the dates are ours",
    ),
    Behaviour(
        "vendor-errors", "2.6",
        "Every error of these routes is the service's object, with message, type, param and code: unknown paths, wrong "
        "methods, missing and wrong keys, text that is no JSON, wrong fields by their path.",
        "reported", f"{_USERS}; the texts of wrong fields are those of a `session.update`",
    ),
    Behaviour(
        "rest-key", "2.6",
        "Keys are checked as at a dial, with status 401.",
        "documented", GUIDES,
    ),
    Behaviour(
        "rest-pages", "2.6",
        "A web page reads the answers if its origin is allowed, and is named in place of the service's `*`; it may "
        "read the headers `Location` and `X-Request-Id`.",
        "captured", f"recordings of the service, 2026-07, of the headers; the origins are {OURS}",
    ),
)  # fmt: skip

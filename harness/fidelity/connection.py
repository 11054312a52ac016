"""How a connection begins, who is let in, and what keeps it alive."""

from .behaviour import GA_CAPTURES, GA_PROBES, GUIDES, OURS, SPECIFICATION, STANDARD, Behaviour

CONNECTION_ROWS = (
    Behaviour(
        "url", "2.1",
        "A WebSocket at `/v1/realtime?model=MODEL` is a session of that model.",
        "documented", GUIDES,
    ),
    Behaviour(
        "second-path", "2.1",
        "`/realtime` is served as well, for clients whose base URL lacks `/v1`; any other path but Azure's is 404.",
        "assumed", OURS,
    ),
    Behaviour(
        "key", "2.1",
        "The key comes in `Authorization: Bearer KEY`, or from a browser as the subprotocol "
        "`openai-insecure-api-key.KEY`.",
        "documented", GUIDES,
    ),
    Behaviour(
        "any-key", "2.1",
        "Any key is good, unless some are named.",
        "assumed", OURS,
    ),
    Behaviour(
        "subprotocol", "2.1",
        "Of the subprotocols offered, `realtime` is selected, never the one with the key.",
        "inferred", f"{GUIDES}: browsers offer both, and give up unless one is selected",
    ),
    Behaviour(
        "foreign-pages", "2.1",
        "An `Origin` or `Host` that is neither loopback nor allowed gets a 403 instead of the 101, to protect the "
        "developer's machine. What the service does with either is not known.",
        "assumed", OURS,
    ),
    Behaviour(
        "refused-after-101", "2.1",
        "A client that is not let in gets its 101 all the same, then one `error`, then at once a Close.",
        "captured", GA_PROBES,
    ),
    Behaviour(
        "refusal-codes", "2.1",
        "No key: code null, Close 3000. Bad key: `invalid_api_key`, 3000. No or unknown model: `missing_model`, "
        "`invalid_model`, 4000. The Close's reason is the error's `type.code`.",
        "captured", GA_PROBES,
    ),
    Behaviour(
        "refusal-sentences", "2.1",
        "The sentences of these errors; only those of the beta and of an unknown model are the service's.",
        "assumed", f"{OURS}; that of the model is reported (several users, verbatim)",
    ),
    Behaviour(
        "refusal-order", "2.1",
        "Of several mistakes one is reported: the key before the beta, the beta before the model.",
        "assumed", OURS,
    ),
    Behaviour(
        "known-models", "2.1",
        "A model is known if it is `gpt-realtime`, `gpt-4o-realtime` or `gpt-4o-mini-realtime`, or begins with one of "
        "these and a dash. Which suffixes exist is not checked.",
        "inferred", f"model names in {SPECIFICATION}; dated snapshots follow the same form",
    ),
    Behaviour(
        "session-created-first", "2.1",
        "The first event is `session.created`, right after the 101.",
        "captured", f"{GA_PROBES}: 3 to 6 ms after it",
    ),
    Behaviour(
        "no-conversation-created", "2.1",
        "`conversation.created` is not sent.",
        "captured", f"absent from all {GA_CAPTURES}, though {SPECIFICATION} has it",
        "conversation_created=never",
    ),
    Behaviour(
        "conversation-created", "2.1",
        "`conversation.created` follows `session.created`.",
        "documented", SPECIFICATION,
        "conversation_created=after_session",
    ),
    Behaviour(
        "ping", "2.1",
        "The server sends a PING with four bytes every 20.26 s.",
        "captured", GA_PROBES,
    ),
    Behaviour(
        "no-pong", "2.1",
        "A client that has not answered a PING after 20 s is closed with 1011, `keepalive ping timeout`.",
        "inferred", "the PING looks like that of python-websockets, which does so; clients report the code",
    ),
    Behaviour(
        "deflate", "2.1",
        "permessage-deflate is used if the client offers it.",
        "reported", "a description of probes of the live service, 2026-09",
    ),
    Behaviour(
        "binary", "2.1",
        "A binary message is answered by `error` with code `invalid_event`; the socket stays open.",
        "captured", GA_PROBES,
    ),
    Behaviour(
        "fragments", "2.1",
        "A message may come in several frames; text that is not UTF-8 closes with 1007.",
        "documented", STANDARD,
    ),
    Behaviour(
        "close-echo", "2.1",
        "A client's Close is answered by a Close with its code.",
        "captured", f"{GA_PROBES}, of code 1000",
    ),
    Behaviour(
        "tls", "2.1",
        "It can be served as `wss://`, as the service is; the authority is made on the spot.",
        "documented", GUIDES,
    ),
    Behaviour(
        "no-resumption", "2.1",
        "A new connection is a new session with the default configuration and no items.",
        "inferred", f"{SPECIFICATION} has no way to resume; clients report that they lose their configuration",
    ),
    Behaviour(
        "idle-socket", "2.1",
        "A socket on which nothing is said stays open.",
        "captured", f"{GA_PROBES}, for 72 s",
    ),
    # --- the beta dialect ---
    Behaviour(
        "sunset", "2.4",
        "A client that asks for the beta by header gets `beta_api_shape_disabled` and Close 4000 (`--dialect sunset`, "
        "the default).",
        "captured", f"{GA_PROBES}, two sources",
    ),
    Behaviour(
        "dialects", "2.4",
        "Or it gets GA events (`--dialect ga`).",
        "assumed", OURS,
    ),
    Behaviour(
        "beta-asked", "2.4",
        "The header `OpenAI-Beta: realtime=v1`, or the subprotocol `openai-beta.realtime-v1`, asks for it.",
        "documented", "Realtime guides of the beta",
    ),
)  # fmt: skip

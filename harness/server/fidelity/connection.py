"""How a connection begins, who is let in, and what keeps it alive."""

from harness.server.fidelity.behaviour import GA_CAPTURES, GA_PROBES, GUIDES, OURS, SPECIFICATION, STANDARD, Behaviour

CONNECTION = (
    Behaviour(
        "url", "2.1",
        "A WebSocket at `/v1/realtime?model=MODEL` is a session of that model.",
        "documented", GUIDES,
        ("tests/live/test_server.py::TestOpening::test_model_of_the_query",),
    ),
    Behaviour(
        "second-path", "2.1",
        "`/realtime` is served as well, for clients whose base URL lacks `/v1`; any other path is 404.",
        "assumed", OURS,
        (
            "tests/live/test_server.py::TestOpening::test_two_paths",
            "tests/live/test_server.py::TestOpening::test_other_paths_are_404_in_one_sentence",
        ),
    ),
    Behaviour(
        "key", "2.1",
        "The key comes in `Authorization: Bearer KEY`, or from a browser as the subprotocol "
        "`openai-insecure-api-key.KEY`.",
        "documented", GUIDES,
        (
            "tests/live/test_admission.py::TestKeys::test_of_the_header",
            "tests/live/test_admission.py::TestKeys::test_of_a_browser",
        ),
    ),
    Behaviour(
        "any-key", "2.1",
        "Any key is good, unless some are named.",
        "assumed", OURS,
        ("tests/live/test_admission.py::TestKeys::test_any_is_good_unless_some_are_named",),
    ),
    Behaviour(
        "subprotocol", "2.1",
        "Of the subprotocols offered, `realtime` is selected, never the one with the key.",
        "inferred", f"{GUIDES}: browsers offer both, and give up unless one is selected",
        ("tests/live/test_server.py::TestOpening::test_subprotocol",),
    ),
    Behaviour(
        "refused-after-101", "2.1",
        "A client that is not let in gets its 101 all the same, then one `error`, then at once a Close.",
        "captured", GA_PROBES,
        (
            "tests/live/test_server.py::TestAdmission::test_a_refusal_is_one_event_and_a_close_after_the_101",
            "tests/live/test_server.py::TestAdmission::test_close_follows_in_the_same_piece",
        ),
    ),
    Behaviour(
        "refusal-codes", "2.1",
        "No key: code null, Close 3000. Bad key: `invalid_api_key`, 3000. No or unknown model: `missing_model`, "
        "`invalid_model`, 4000. The Close's reason is the error's `type.code`.",
        "captured", GA_PROBES,
        (
            "tests/live/test_admission.py::test_refused",
            "tests/live/test_server.py::TestAdmission::test_model",
            "tests/server/test_error_table.py::test_a_known_error_comes_from_its_cause",
        ),
    ),
    Behaviour(
        "refusal-sentences", "2.1",
        "The sentences of these errors; only that of the beta is the service's.",
        "assumed", OURS,
        (
            "tests/live/test_admission.py::test_refused",
            "tests/live/test_admission.py::TestModels::test_a_long_name_is_told_in_part",
        ),
    ),
    Behaviour(
        "refusal-order", "2.1",
        "Of several mistakes the key is told first, then the beta, then the model.",
        "assumed", OURS,
        ("tests/live/test_admission.py::test_key_comes_before_beta_and_beta_before_model",),
    ),
    Behaviour(
        "known-models", "2.1",
        "A model is known if it is `gpt-realtime`, `gpt-4o-realtime` or `gpt-4o-mini-realtime`, or begins with one of "
        "these and a dash. Which suffixes exist is not checked.",
        "inferred", f"model names in {SPECIFICATION}; dated snapshots follow the same form",
        ("tests/live/test_admission.py::test_known_models", "tests/live/test_admission.py::test_refused"),
    ),
    Behaviour(
        "session-created-first", "2.1",
        "The first event is `session.created`, right after the 101.",
        "captured", f"{GA_PROBES}: 3 to 6 ms after it",
        (
            "tests/server/test_session.py::test_the_first_event_is_session_created",
            "tests/live/test_server.py::TestOpening::test_sessions_differ_and_last_an_hour",
        ),
    ),
    Behaviour(
        "no-conversation-created", "2.1",
        "`conversation.created` is not sent.",
        "captured", f"absent from all {GA_CAPTURES}, though {SPECIFICATION} has it",
        ("tests/server/test_session.py::test_the_first_event_is_session_created",),
        "conversation_created=never",
    ),
    Behaviour(
        "conversation-created", "2.1",
        "`conversation.created` follows `session.created`.",
        "documented", SPECIFICATION,
        ("tests/server/test_session.py::test_conversation_created_can_be_switched_on",),
        "conversation_created=after_session",
    ),
    Behaviour(
        "ping", "2.1",
        "The server sends a PING with four bytes every 20.26 s.",
        "captured", GA_PROBES,
        (
            "tests/live/test_server.py::TestKeepalive::test_the_times_are_the_service_s",
            "tests/live/test_server.py::TestKeepalive::test_a_client_without_pongs_is_closed_with_1011",
        ),
    ),
    Behaviour(
        "no-pong", "2.1",
        "A client that has not answered a PING after 20 s is closed with 1011, `keepalive ping timeout`.",
        "inferred", "the PING looks like that of python-websockets, which does so; clients report the code",
        (
            "tests/live/test_server.py::TestKeepalive::test_the_times_are_the_service_s",
            "tests/live/test_server.py::TestKeepalive::test_a_client_without_pongs_is_closed_with_1011",
            "tests/live/test_server.py::TestKeepalive::test_a_client_with_pongs_stays",
        ),
    ),
    Behaviour(
        "deflate", "2.1",
        "permessage-deflate is used if the client offers it.",
        "reported", "a description of probes of the live service, 2026-09",
        ("tests/live/test_server.py::TestOpening::test_compression_if_it_is_offered",),
    ),
    Behaviour(
        "binary", "2.1",
        "A binary message is answered by `error` with code `invalid_event`; the socket stays open.",
        "captured", GA_PROBES,
        (
            "tests/protocol/test_codec.py::test_a_binary_frame",
            "tests/live/test_connection.py::TestBadMessages::test_are_answered_by_one_error",
        ),
    ),
    Behaviour(
        "fragments", "2.1",
        "A message may come in several frames; text that is not UTF-8 closes with 1007.",
        "documented", STANDARD,
        (
            "tests/live/test_connection.py::TestBadMessages::test_message_in_fragments_is_one_message",
            "tests/live/test_connection.py::TestBadMessages::test_text_that_is_not_utf8_is_closed_with_1007",
        ),
    ),
    Behaviour(
        "close-echo", "2.1",
        "A client's Close is answered by a Close with its code.",
        "captured", f"{GA_PROBES}, of code 1000",
        ("tests/live/test_websocket.py::TestBytes::test_pieces_of_one_size",),
    ),
    Behaviour(
        "tls", "2.1",
        "It can be served as `wss://`, as the service is; the authority is made on the spot.",
        "documented", GUIDES,
        ("tests/live/test_tls.py::test_openai_sdk",),
    ),
    Behaviour(
        "no-resumption", "2.1",
        "A new connection is a new session with the default configuration and no items.",
        "inferred", f"{SPECIFICATION} has no way to resume; clients report that they lose their configuration",
        ("tests/live/test_server.py::TestOpening::test_nothing_is_left_of_the_last_session",),
    ),
    Behaviour(
        "idle-socket", "2.1",
        "A socket on which nothing is said stays open.",
        "captured", f"{GA_PROBES}, for 72 s",
        ("tests/live/test_server.py::TestKeepalive::test_a_client_with_pongs_stays",),
    ),
)  # fmt: skip

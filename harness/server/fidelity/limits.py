"""Bounds that keep the server small, and failures that it shows on demand."""

from harness.server.fidelity.behaviour import OURS, SPECIFICATION, Behaviour

LIMITS = (
    Behaviour(
        "largest-message", "5",
        "A message above 40 MiB closes with 1009: room to refuse 20 MiB of audio in words.",
        "assumed", OURS,
        (
            "tests/live/test_connection.py::TestBadMessages::test_too_large_frame_is_closed_with_1009",
            "tests/live/test_websocket.py::TestBounds::test_too_large_is_told_from_the_header_alone",
        ),
    ),
    Behaviour(
        "shared-memory", "5",
        "Unfinished messages of all clients share 256 MiB; beyond that, Close 1013.",
        "assumed", OURS,
        ("tests/live/test_websocket.py::TestBounds::test_unfinished_messages_share_a_limit",),
    ),
    Behaviour(
        "slow-reader", "5",
        "While a client does not read, it is not read from; after 40 s without a byte it is cut.",
        "assumed", OURS,
        (
            "tests/live/test_websocket.py::TestBounds::test_answers_that_nobody_reads_stop_the_parsing",
            "tests/live/test_connection.py::TestLeaving::test_a_client_that_reads_nothing_is_cut_off",
            "tests/live/test_websocket.py::TestBounds::test_a_client_that_reads_slowly_is_not_cut",
        ),
    ),
    Behaviour(
        "unanswered-close", "5",
        "A client that does not answer a Close within 10 s is cut.",
        "assumed", OURS,
        ("tests/live/test_websocket.py::TestBounds::test_a_close_that_is_not_answered_is_cut",),
    ),
    Behaviour(
        "most-items", "5",
        "A client can create no more items once the conversation holds 10,000, or 64 MiB of what it has created: "
        "`conversation_full`.",
        "assumed", OURS,
        (
            "tests/server/test_conversation.py::test_a_conversation_can_be_full",
            "tests/live/test_memory.py::test_a_conversation_is_bounded_in_bytes",
        ),
    ),
    Behaviour(
        "longest-id", "5",
        "The id of an item has 1 to 512 characters.",
        "assumed", OURS,
        ("tests/server/test_conversation.py::test_an_id_has_a_length",),
    ),
    Behaviour(
        "most-parallel", "5",
        "64 responses at a time out of band: `too_many_active_responses`.",
        "assumed", OURS,
        ("tests/server/test_requests.py::test_the_number_of_parallel_responses_is_bounded",),
    ),
    # --- failures on demand ---
    Behaviour(
        "reply-speaks", "6.1",
        "A reply speaks to its end.",
        "documented", SPECIFICATION,
        ("tests/server/test_response.py::test_the_deltas_hold_the_whole_utterance",),
        "reply=speaks",
    ),
    Behaviour(
        "reply-stalls", "6.1",
        "A reply stops in mid-output; no end ever comes, and it stays the active one.",
        "reported", "openai-realtime-console #62",
        (
            "tests/server/test_response.py::test_a_reply_may_stall",
            "tests/server/test_response.py::test_a_policy_can_change_during_a_response",
            "tests/live/test_strikes.py::TestOneSession::test_a_reply_stalls",
        ),
        "reply=stalls",
    ),
    Behaviour(
        "reply-never-starts", "6.1",
        "A turn is committed, and no response is made; `response.create` still works.",
        "reported", "livekit-examples/realtime-playground #21",
        ("tests/server/test_response.py::test_a_reply_may_never_start",),
        "reply=never_starts",
    ),
    Behaviour(
        "late-created", "6.1",
        "A script can have `response.created` come late.",
        "reported", "livekit/agents #2552, #6222",
        ("tests/server/test_requests.py::test_a_cancel_before_response_created_is_lost",),
    ),
    Behaviour(
        "mute", "6.1",
        "Fault `mute`: everything is taken, PINGs are answered, and no event comes.",
        "reported", "community.openai.com topic 1374520",
        (
            "tests/live/test_wire.py::test_mute_loses_events_and_lets_pongs_pass",
            "tests/live/test_strikes.py::TestOneSession::test_mute_and_release",
        ),
    ),
    Behaviour(
        "held-active", "6.1",
        "Fault `held-active`: a turn starts and never stops.",
        "reported", "twilio-python #6, hermes-live-voice #55",
        ("tests/live/test_strikes.py::TestOneSession::test_held_active_hears_speech_in_silence",),
    ),
    Behaviour(
        "held-idle", "6.1",
        "Fault `held-idle`: speech starts no turn.",
        "reported", "livekit/agents PR #6871, of Azure",
        ("tests/live/test_strikes.py::TestOneSession::test_held_idle_hears_none_in_speech",),
    ),
    Behaviour(
        "half-open", "6.2",
        "Fault `half-open`: nothing arrives either way, and nothing says so.",
        "reported", "multica #8524, cloudflare/agents #2242 and others",
        (
            "tests/live/test_wire.py::test_half_open_says_and_hears_nothing_for_ever",
            "tests/live/test_strikes.py::TestAllSessions::test_dials_hang_while_half_open_lasts",
        ),
    ),
    Behaviour(
        "stall", "6.2",
        "Fault `stall`: everything waits, and comes in order when it ends.",
        "inferred", "networks do so",
        (
            "tests/live/test_wire.py::test_stall_delivers_all_in_order_when_it_ends",
            "tests/live/test_wire.py::test_stall_holds_no_more_than_it_may",
        ),
    ),
    Behaviour(
        "reset", "6.2",
        "Fault `reset`: the connection breaks off without a Close (1006).",
        "reported", "livekit/agents #2774",
        ("tests/live/test_wire.py::test_reset_breaks_off", "tests/live/test_strikes.py::TestOneSession::test_reset"),
    ),
)  # fmt: skip

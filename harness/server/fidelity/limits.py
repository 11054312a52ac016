"""Bounds that keep the server small."""

from harness.server.fidelity.behaviour import OURS, Behaviour

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
)  # fmt: skip

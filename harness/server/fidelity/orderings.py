"""In what order events come: spoken turns, text, tools."""

from harness.server.fidelity.behaviour import (
    BETA_CAPTURES,
    GA_CAPTURES,
    GA_PROBES,
    GUIDES,
    OURS,
    SPECIFICATION,
    Behaviour,
)

ORDERINGS = (
    # --- a spoken turn ---
    Behaviour(
        "turn-order", "3.1",
        "`input_audio_buffer.speech_started`, `input_audio_buffer.speech_stopped`, `input_audio_buffer.committed`, "
        "`conversation.item.added`, `conversation.item.done`.",
        "captured", GA_CAPTURES,
        (
            "tests/server/test_session.py::test_the_order_of_two_spoken_turns",
            "tests/server/test_sequences.py::test_a_known_ordering",
            "tests/live/test_openai_sdk.py::test_spoken_turn",
        ),
    ),
    Behaviour(
        "reply-order", "3.1",
        "`response.created`, `response.output_item.added`, `conversation.item.added`, `response.content_part.added`; "
        "`response.output_audio_transcript.delta` and `response.output_audio.delta` mixed; "
        "`response.output_audio.done`, `response.output_audio_transcript.done`, `response.content_part.done`, "
        "`conversation.item.done`, `response.output_item.done`, `response.done`, `rate_limits.updated`.",
        "captured", GA_CAPTURES,
        (
            "tests/server/test_session.py::test_the_order_of_two_spoken_turns",
            "tests/server/test_sequences.py::test_a_known_ordering",
            "tests/live/test_openai_sdk.py::test_spoken_turn",
            "tests/properties/test_session_invariants.py::test_arbitrary_clients",
        ),
    ),
    Behaviour(
        "one-item-id", "3.1",
        "Start, stop, commit and item of a turn have one item id, unless a manual commit comes between.",
        "documented", SPECIFICATION,
        (
            "tests/server/test_session.py::test_the_order_of_two_spoken_turns",
            "tests/properties/test_session_invariants.py::test_arbitrary_clients",
        ),
    ),
    Behaviour(
        "user-item", "3.1",
        "A spoken turn's item is `completed` when it is added, with one part `input_audio` whose transcript is null.",
        "captured", GA_CAPTURES,
        ("tests/server/test_session.py::test_the_order_of_two_spoken_turns",),
    ),
    Behaviour(
        "one-response-id", "3.1",
        "All events of a response have its id, and a turn ends after it began.",
        "documented", SPECIFICATION,
        (
            "tests/properties/test_session_invariants.py::test_arbitrary_clients",
            "tests/live/test_openai_sdk.py::test_spoken_turn",
        ),
    ),
    Behaviour(
        "previous-item-id", "3.1",
        "`previous_item_id`: null for the first item, then the item before; null in the assistant's "
        "`conversation.item.done`.",
        "captured", GA_CAPTURES,
        (
            "tests/server/test_session.py::test_the_order_of_two_spoken_turns",
            "tests/protocol/test_events.py::test_null_is_said_and_unset_is_not",
        ),
    ),
    Behaviour(
        "start-before-last-end", "3.1",
        "A turn may start, by its padding, before the last one ended.",
        "captured", f"{BETA_CAPTURES}, three times",
        ("tests/server/test_session.py::test_a_turn_may_start_before_the_last_one_ended",),
    ),
    Behaviour(
        "no-acknowledgement", "3.1",
        "`input_audio_buffer.append` is never acknowledged.",
        "documented", SPECIFICATION,
        ("tests/server/test_session.py::test_appends_are_never_acknowledged",),
    ),
    Behaviour(
        "words-ahead", "3.1",
        "The transcript runs ahead of the audio.",
        "captured", GA_CAPTURES,
        ("tests/server/test_response.py::test_the_deltas_hold_the_whole_utterance",),
    ),
    Behaviour(
        "words-by-word", "3.1",
        "One delta for each word; the words are over at 70 % of the audio.",
        "assumed", OURS,
        ("tests/server/test_response.py::test_the_words_end_before_the_audio",),
    ),
    # --- text and tools ---
    Behaviour(
        "text-turn", "3.3",
        "`conversation.item.create` is answered by added and done; after `response.create` the reply has "
        "`response.output_text.delta` and `response.output_text.done` in the place of the audio's events.",
        "captured", GA_PROBES,
        ("tests/server/test_response.py::test_a_text_turn", "tests/server/test_sequences.py::test_a_known_ordering"),
    ),
    Behaviour(
        "tool-round", "3.4",
        "A call: `response.output_item.added`, `conversation.item.added`, `response.function_call_arguments.delta`, "
        "`response.function_call_arguments.done`, `conversation.item.done`, `response.output_item.done`, "
        "`response.done`.",
        "captured", GA_CAPTURES,
        ("tests/server/test_script.py::test_a_tool_round", "tests/protocol/test_beta.py::test_a_tool_call"),
    ),
    Behaviour(
        "tool-silence", "3.4",
        "After a call nothing comes until the client itself sends `response.create`.",
        "documented", GUIDES,
        ("tests/server/test_script.py::test_a_tool_round",),
    ),
    Behaviour(
        "tool-output", "3.4",
        "The client's `function_call_output` is answered by added and done, like any item.",
        "captured", GA_CAPTURES,
        (
            "tests/server/test_script.py::test_a_tool_round",
            "tests/server/test_conversation.py::test_a_function_result_is_answered_like_any_item",
        ),
    ),
    Behaviour(
        "words-then-call", "3.4",
        "A response may speak and then call.",
        "documented", GUIDES,
        ("tests/server/test_script.py::test_words_and_then_a_call",),
    ),
    Behaviour(
        "several-calls", "3.4",
        "A response may make several calls, each an item; arguments come 16 characters at a time.",
        "assumed", OURS,
        (
            "tests/server/test_script.py::test_words_and_then_a_call",
            "tests/server/test_script.py::test_arguments_come_in_pieces",
        ),
    ),
    Behaviour(
        "call-interrupted", "3.4",
        "A call that is cancelled keeps the arguments it has, with status `incomplete`.",
        "inferred", f"{SPECIFICATION}: `done` events come when a response is cancelled, too",
        ("tests/server/test_script.py::test_a_call_that_is_interrupted",),
    ),
)  # fmt: skip

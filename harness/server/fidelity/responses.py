"""Responses: how many at a time, what they are made with, how they run and end."""

from harness.server.fidelity.behaviour import BETA_CAPTURES, GA_CAPTURES, GUIDES, OURS, SPECIFICATION, Behaviour

RESPONSES = (
    Behaviour(
        "single-active", "4.5",
        "One response at a time in the default conversation: another `response.create` gets "
        "`conversation_already_has_active_response` and neither `response.created` nor `response.done`.",
        "reported", "openai-agents-python #1466, livekit/agents #1056, verbatim",
        (
            "tests/server/test_response.py::test_a_second_response_is_refused",
            "tests/server/test_requests.py::test_a_rejected_response_is_never_created",
            "tests/server/test_error_table.py::test_a_known_error_comes_from_its_cause",
        ),
    ),
    Behaviour(
        "out-of-band", "4.5",
        "Responses with `conversation` none run beside it.",
        "documented", SPECIFICATION,
        ("tests/server/test_requests.py::test_responses_out_of_band_run_in_parallel",),
    ),
    Behaviour(
        "no-trace", "4.5",
        "They write no items into the conversation, and their `conversation_id` is null.",
        "documented", GUIDES,
        ("tests/server/test_requests.py::test_an_out_of_band_response_leaves_no_trace_in_the_conversation",),
    ),
    Behaviour(
        "response-input", "4.5",
        "`input` gives a response its own items, and references to those of the conversation.",
        "documented", SPECIFICATION,
        ("tests/server/test_requests.py::test_the_input_of_a_response_is_what_it_answers",),
    ),
    Behaviour(
        "response-fields", "4.5",
        "Modalities, format, voice and token limit of a `response.create` hold for that response; null means the "
        "session's.",
        "documented", SPECIFICATION,
        (
            "tests/server/test_requests.py::test_a_response_may_be_written_in_a_session_that_speaks",
            "tests/server/test_requests.py::test_a_format_and_a_voice_of_its_own",
            "tests/server/test_requests.py::test_null_means_the_session_s_own",
        ),
    ),
    Behaviour(
        "response-wrong-field", "4.5",
        "A wrong or unknown field makes no response.",
        "inferred", "as `session.update` is known to refuse them",
        ("tests/server/test_requests.py::test_a_wrong_field_makes_no_response",),
    ),
    Behaviour(
        "metadata", "4.5",
        "`metadata`, up to 16 pairs of 64 and 512 characters, is echoed in `response.created` and `response.done`.",
        "documented", SPECIFICATION,
        (
            "tests/server/test_requests.py::test_metadata_is_echoed",
            "tests/server/test_requests.py::test_a_wrong_field_makes_no_response",
        ),
    ),
    Behaviour(
        "cancel-nothing", "4.5",
        "`response.cancel` with nothing to cancel: `response_cancel_not_active`, and the session is as before.",
        "documented", f"{SPECIFICATION}; code and text reported (pipecat #3755)",
        (
            "tests/server/test_response.py::test_nothing_to_cancel",
            "tests/server/test_error_table.py::test_a_known_error_comes_from_its_cause",
        ),
    ),
    Behaviour(
        "cancel-by-id", "4.5",
        "With a `response_id` it ends that response; without, the default conversation's.",
        "documented", SPECIFICATION,
        ("tests/server/test_requests.py::test_a_response_is_cancelled_by_its_id",),
    ),
    Behaviour(
        "cancel-too-early", "4.5",
        "Sent before `response.created`, it is lost: the response comes all the same.",
        "reported", "livekit/agents PR #6244",
        ("tests/server/test_requests.py::test_a_cancel_before_response_created_is_lost",),
    ),
    Behaviour(
        "failed", "4.5",
        "A failure is a `response.done` with status `failed` and an error inside; the session goes on.",
        "reported", "twilio-node #37, openai-realtime-api-beta #116, pipecat #1963",
        (
            "tests/server/test_script.py::test_a_failure_before_any_output",
            "tests/server/test_script.py::test_the_session_goes_on_after_a_failure",
            "tests/server/test_error_table.py::test_a_known_error_comes_from_its_cause",
        ),
    ),
    Behaviour(
        "incomplete", "4.5",
        "A response may end as `incomplete`, for `max_output_tokens` or `content_filter`.",
        "documented", SPECIFICATION,
        ("tests/server/test_script.py::test_an_incomplete_answer",),
    ),
    Behaviour(
        "token-limit", "4.5",
        "`max_output_tokens` cuts an answer short, calls included, by our count of its tokens.",
        "documented", SPECIFICATION,
        (
            "tests/server/test_requests.py::test_max_output_tokens_cut_an_answer",
            "tests/server/test_requests.py::test_an_answer_of_just_the_limit_is_complete",
            "tests/server/test_script.py::test_calls_count_as_output",
        ),
    ),
    Behaviour(
        "faster", "4.5",
        "Audio is sent faster than it plays.",
        "documented", SPECIFICATION,
        ("tests/server/test_response.py::test_the_pace_of_audio",),
    ),
    Behaviour(
        "pace", "4.5",
        "Five times as fast, 400 ms after `response.created`, 100 ms in a delta; the script can change it.",
        "assumed", f"{OURS}; of a text turn a first delta after 476 ms is captured",
        ("tests/server/test_response.py::test_the_pace_of_audio", "tests/server/test_response.py::test_the_usual_pace"),
    ),
    Behaviour(
        "late-shell", "4.5",
        "A server that was busy sends all that was due, in order.",
        "assumed", OURS,
        ("tests/server/test_response.py::test_a_late_wake_brings_all_that_was_due",),
    ),
    # --- truncation ---
    Behaviour(
        "truncate", "4.5",
        "`conversation.item.truncate` cuts an assistant's audio: `conversation.item.truncated`, and the transcript "
        "goes, for good even if the response still runs.",
        "documented", SPECIFICATION,
        (
            "tests/server/test_conversation.py::test_truncate_cuts_what_was_not_played",
            "tests/server/test_conversation.py::test_a_truncation_during_the_response_holds",
            "tests/live/test_openai_sdk.py::test_barge_in",
        ),
    ),
    Behaviour(
        "truncate-too-late", "4.5",
        "Beyond the audio that was sent it is refused, in the service's words.",
        "reported", "openai-agents-python #1999, twilio-python #45, verbatim",
        (
            "tests/server/test_conversation.py::test_truncate_beyond_the_audio",
            "tests/server/test_conversation.py::test_truncate_in_mid_output_counts_what_was_sent",
            "tests/server/test_error_table.py::test_a_known_error_comes_from_its_cause",
        ),
    ),
    Behaviour(
        "truncate-what", "4.5",
        "Only assistant items can be cut, only their part 0; the sentences are ours.",
        "documented", SPECIFICATION,
        ("tests/server/test_conversation.py::test_what_cannot_be_truncated",),
    ),
    # --- what follows ---
    Behaviour(
        "limits-after-done", "4.5",
        "`rate_limits.updated` follows `response.done` by 43 ms, with tokens alone.",
        "captured", f"{GA_CAPTURES}; {SPECIFICATION} says 'at the beginning'",
        (
            "tests/server/test_response.py::test_where_rate_limits_stand",
            "tests/server/test_session.py::test_the_order_of_two_spoken_turns",
        ),
        "rate_limits=after_done",
    ),
    Behaviour(
        "limits-after-created", "4.5",
        "`rate_limits.updated` follows `response.created`.",
        "captured", BETA_CAPTURES,
        (
            "tests/server/test_response.py::test_where_rate_limits_stand",
            "tests/protocol/test_beta.py::test_the_order_of_a_spoken_turn",
        ),
        "rate_limits=after_created",
    ),
    Behaviour(
        "limits-never", "4.5",
        "`rate_limits.updated` does not come.",
        "captured", f"some turns of the {GA_CAPTURES}",
        ("tests/server/test_response.py::test_rate_limits_may_be_missing",),
        "rate_limits=never",
    ),
    Behaviour(
        "limits-figures", "4.5",
        "Its figures are always the same: nothing is counted.",
        "assumed", OURS,
        ("tests/server/test_response.py::test_rate_limits_are_always_the_same",),
    ),
    Behaviour(
        "usage-audio", "4.5",
        "Usage: a token for 100 ms of the user's audio, one for 50 ms of the assistant's.",
        "documented", "Realtime cost guide",
        (
            "tests/server/test_response.py::test_usage_follows_the_cost_guide",
            "tests/server/test_response.py::test_a_committed_buffer_costs_its_audio",
        ),
    ),
    Behaviour(
        "usage-text", "4.5",
        "A token for each word read or told, one for four characters of arguments; none is cached.",
        "assumed", OURS,
        ("tests/server/test_requests.py::test_what_a_text_turn_uses",),
    ),
    Behaviour(
        "usage-of-context", "4.5",
        "The input of a response is all of the conversation, each time; instructions and tools are not counted.",
        "documented", "Realtime cost guide; what is left out is ours",
        ("tests/server/test_response.py::test_usage_grows_with_the_conversation",),
    ),
)  # fmt: skip

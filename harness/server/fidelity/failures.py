"""Failures that the server and its network show on demand."""

from harness.server.fidelity.behaviour import OURS, SPECIFICATION, Behaviour

FAILURES = (
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
        "reply-text-only", "6.1",
        "A reply that was asked for in audio is text; its `response.created` still says audio.",
        "reported", "livekit/agents #2471, #2694",
        ("tests/server/test_failures.py::test_a_reply_may_be_text_although_audio_was_asked",),
        "reply=text_only",
    ),
    Behaviour(
        "reply-endless", "6.1",
        "A reply goes on in `response.output_audio.delta` of silence, with no more words, until it is cancelled.",
        "reported", "community.openai.com topic 1141330",
        (
            "tests/server/test_failures.py::test_a_reply_may_be_endless_silence",
            "tests/server/test_failures.py::test_endless_silence_may_begin_in_mid_reply_and_outlasts_the_fault",
            "tests/server/test_failures.py::test_endless_silence_is_in_the_format_of_the_output",
            "tests/server/test_failures.py::test_a_reply_in_text_has_no_silent_audio",
        ),
        "reply=endless",
    ),
    Behaviour(
        "reply-loses-tail", "6.1",
        "The last two fifths of the `response.output_audio.delta`, at least one, never come; words, ends and usage are "
        "those of the whole.",
        "reported", "community.openai.com topic 1094267; how much is lost is ours",
        ("tests/server/test_failures.py::test_a_reply_may_lose_the_tail_of_its_audio",),
        "reply=loses_tail",
    ),
    Behaviour(
        "reply-fails", "6.1",
        "After `response.created` comes `response.done`, failed, `server_error`; in mid-output what is open is closed "
        "first.",
        "reported", "twilio-node #37, openai-realtime-api-beta #116, pipecat #1963",
        (
            "tests/server/test_failures.py::test_a_reply_may_fail",
            "tests/server/test_failures.py::test_a_reply_may_fail_in_mid_output",
        ),
        "reply=fails",
    ),
    Behaviour(
        "turn-end-commits", "6.1",
        "The end of a turn stops and commits it.",
        "documented", SPECIFICATION,
        ("tests/server/test_failures.py::test_the_end_of_a_turn_commits_it_or_drops_it",),
        "turn_end=commits",
    ),
    Behaviour(
        "turn-end-discards", "6.1",
        "The end of a turn drops it and its audio: no `input_audio_buffer.speech_stopped`, no commit, no response.",
        "reported", "LocalAI's own list of failure modes, no. 4",
        (
            "tests/server/test_failures.py::test_the_end_of_a_turn_commits_it_or_drops_it",
            "tests/server/test_failures.py::test_a_dropped_turn_has_interrupted_the_assistant",
        ),
        "turn_end=discards",
    ),
    Behaviour(
        "onset-tells", "6.1",
        "Every onset is told, whatever became of the turn before.",
        "documented", SPECIFICATION,
        (
            "tests/server/test_failures.py::test_the_end_of_a_turn_commits_it_or_drops_it",
            "tests/server/test_failures.py::test_a_heal_in_mid_turn_does_not_tell_a_stop_without_a_start",
        ),
        "onset=tells",
    ),
    Behaviour(
        "onset-sticky", "6.1",
        "Behind a turn that was dropped, cleared or orphaned no onset is told, and nothing of those turns, until a "
        "commit, or until detection was off.",
        "reported", "LocalAI's own list of failure modes, no. 4; what ends it is ours",
        (
            "tests/server/test_failures.py::test_a_sticky_start_behind_a_dropped_turn_is_deafness",
            "tests/server/test_failures.py::test_a_sticky_start_alone_changes_nothing",
            "tests/server/test_failures.py::test_a_sticky_start_outlives_a_clear",
            "tests/server/test_failures.py::test_switching_detection_off_ends_a_sticky_start",
        ),
        "onset=sticky",
    ),
    Behaviour(
        "commit-taken", "6.1",
        "Every `input_audio_buffer.commit` is answered, if by an error.",
        "documented", SPECIFICATION,
        ("tests/server/test_failures.py::test_a_commit_may_be_ignored",),
        "manual_commit=taken",
    ),
    Behaviour(
        "commit-ignored", "6.1",
        "Nothing comes of an `input_audio_buffer.commit`, no error either; the audio stays in the buffer.",
        "reported", "openai-realtime-console #556",
        ("tests/server/test_failures.py::test_a_commit_may_be_ignored",),
        "manual_commit=ignored",
    ),
    Behaviour(
        "expires-now", "6.1",
        "A session can be made to expire at any moment, in the same words.",
        "reported", "reachy_mini #134, pipecat #3170",
        ("tests/server/test_life.py::test_a_session_can_expire_at_once",),
    ),
    Behaviour(
        "replaced", "6.1",
        "Another detector can decide in place of the session's own, over the same frames.",
        "assumed", OURS,
        (
            "tests/server/test_hearing_replaced.py::test_both_judge_the_same_frames",
            "tests/server/test_hearing_replaced.py::test_the_own_net_comes_back_as_if_it_had_never_been_away",
            "tests/server/test_hearing_replaced.py::test_what_the_client_sees",
        ),
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

"""What comes between: barge-in, cancellation, a manual commit, the idle timeout, push to talk."""

from harness.server.fidelity.behaviour import BETA_CAPTURES, GA_PROBES, GUIDES, OURS, SPECIFICATION, Behaviour

INTERRUPTIONS = (
    # --- barge-in and cancellation ---
    Behaviour(
        "barge-in-before-output", "3.5",
        "Speech before any output: `input_audio_buffer.speech_started`, then `response.done`, cancelled, "
        "`turn_detected`, no output, usage zero.",
        "captured", BETA_CAPTURES,
        (
            "tests/server/test_response.py::test_barge_in_before_any_output",
            "tests/protocol/test_objects.py::test_no_usage_is_zeros",
            "tests/server/test_sequences.py::test_a_known_ordering",
        ),
    ),
    Behaviour(
        "barge-in-mid-output", "3.5",
        "Speech in mid-output: the start, then every open part and item is closed, `incomplete`, then `response.done`.",
        "inferred", f"{SPECIFICATION} that they are closed; the inner order is that of completion",
        (
            "tests/server/test_response.py::test_barge_in_in_mid_output_closes_everything_first",
            "tests/live/test_openai_sdk.py::test_barge_in",
            "tests/protocol/test_beta.py::test_barge_in_in_mid_output",
        ),
        "cancel_chain=full",
    ),
    Behaviour(
        "cancel-done-only", "3.5",
        "A response cancelled in mid-output sends `response.done` alone.",
        "assumed", OURS,
        ("tests/server/test_response.py::test_barge_in_may_send_response_done_alone",),
        "cancel_chain=done_only",
    ),
    Behaviour(
        "barge-in-after-output", "3.5",
        "Speech after `response.done`, while the client still plays: nothing but the start; a cancel finds nothing.",
        "reported", "many client issues, among them pipecat #3755 and openai-agents-js #189",
        (
            "tests/server/test_response.py::test_barge_in_after_the_last_event_says_nothing_else",
            "tests/live/test_openai_sdk.py::test_speech_after_the_response_only_starts_a_turn",
        ),
    ),
    Behaviour(
        "silent-turn", "3.5",
        "With `interrupt_response` off, a turn that ends during a response is committed and gets no answer, and no "
        "error.",
        "documented", f"{SPECIFICATION}: it 'may fail to create a response'",
        ("tests/server/test_session.py::test_a_turn_during_a_response_that_may_not_be_interrupted_stays_unanswered",),
    ),
    Behaviour(
        "out-of-band-uninterrupted", "3.5",
        "Speech interrupts the default conversation only.",
        "documented", SPECIFICATION,
        ("tests/server/test_requests.py::test_speech_interrupts_the_default_conversation_only",),
    ),
    Behaviour(
        "client-cancel", "3.5",
        "`response.cancel` ends a response with `response.done`, cancelled, `client_cancelled`; in mid-output its "
        "parts are closed first.",
        "documented", f"{SPECIFICATION}; the inner order is inferred",
        (
            "tests/server/test_response.py::test_the_client_cancels_before_any_output",
            "tests/server/test_response.py::test_the_client_cancels_in_mid_output",
        ),
        "cancel_chain=full",
    ),
    Behaviour(
        "speech-before-created", "3.5",
        "Speech while `response.created` is late: it comes at once, and `response.done`, cancelled, behind it.",
        "inferred", f"{SPECIFICATION}: what was created is done",
        ("tests/server/test_requests.py::test_speech_before_a_late_response_created_still_ends_it",),
    ),
    # --- manual commit ---
    Behaviour(
        "commit-no-stop", "3.6",
        "`input_audio_buffer.commit` in mid-speech: committed, added, done, and no "
        "`input_audio_buffer.speech_stopped`.",
        "documented", f"{SPECIFICATION} names the exception; {GA_PROBES}",
        (
            "tests/server/test_session_buffer.py::test_a_manual_commit_during_speech_takes_the_place_of_speech_stopped",
            "tests/server/test_sequences.py::test_a_known_ordering",
        ),
    ),
    Behaviour(
        "commit-turn-id", "3.6",
        "The item has the id that the turn's start told.",
        "inferred", "a capture of a transcription session, 2025",
        ("tests/server/test_session_buffer.py::test_a_manual_commit_during_speech_takes_the_place_of_speech_stopped",),
    ),
    Behaviour(
        "commit-no-response", "3.6",
        "A manual commit never makes a response.",
        "documented", SPECIFICATION,
        ("tests/server/test_session_buffer.py::test_a_manual_commit_during_speech_takes_the_place_of_speech_stopped",),
    ),
    Behaviour(
        "commit-idle", "3.6",
        "After it, detection is idle: the rest of the speech is a new turn.",
        "assumed", OURS,
        (
            "tests/server/test_session_buffer.py::test_a_manual_commit_during_speech_takes_the_place_of_speech_stopped",
            "tests/server/test_session_buffer.py::test_speech_that_goes_on_after_a_commit_is_a_new_turn",
        ),
        "commit_during_speech=idle",
    ),
    Behaviour(
        "commit-active", "3.6",
        "After it, detection stays active: the stop comes, under a new id, with no start before it.",
        "assumed", OURS,
        ("tests/server/test_session_buffer.py::test_detection_may_stay_active_after_a_manual_commit",),
        "commit_during_speech=active",
    ),
    # --- idle timeout ---
    Behaviour(
        "idle-order", "3.7",
        "A silent user: `input_audio_buffer.timeout_triggered`, `input_audio_buffer.committed`, added, done, "
        "`response.created`; again and again.",
        "documented", SPECIFICATION,
        (
            "tests/server/test_idle.py::test_a_silent_user_is_prompted",
            "tests/server/test_idle.py::test_it_goes_on_prompting",
            "tests/server/test_sequences.py::test_a_known_ordering",
        ),
    ),
    Behaviour(
        "idle-from-playback", "3.7",
        "The time runs from `response.done` plus the length of the audio just sent.",
        "documented", SPECIFICATION,
        (
            "tests/server/test_idle.py::test_the_answer_is_played_first",
            "tests/server/test_idle.py::test_a_silent_user_is_prompted",
        ),
    ),
    Behaviour(
        "idle-audio-clock", "3.7",
        "The timeout counts appended audio, and stands still where nothing is appended.",
        "assumed", f"{OURS}; the example in {SPECIFICATION} lasts 6016 ms, which is 6000 on the grid of audio",
        (
            "tests/server/test_idle.py::test_the_clock_is_appended_audio",
            "tests/server/test_idle.py::test_a_silent_user_is_prompted",
        ),
        "idle_clock=audio",
    ),
    Behaviour(
        "idle-wall-clock", "3.7",
        "The timeout counts time; positions are of appended audio all the same.",
        "assumed", OURS,
        ("tests/server/test_idle.py::test_the_clock_may_be_time",),
        "idle_clock=wall",
    ),
    Behaviour(
        "idle-stops", "3.7",
        "Speech stops the timer; it rests while a response is in progress or a turn is open.",
        "inferred", SPECIFICATION,
        (
            "tests/server/test_idle.py::test_speech_stops_the_timer",
            "tests/server/test_idle.py::test_detection_that_has_no_idle_time_stops_the_timer",
            "tests/properties/test_abuse.py::test_the_idle_timer_rests_while_another_answer_is_made",
        ),
    ),
    Behaviour(
        "idle-needs-answer", "3.7",
        "Before the first answer, and without the setting, there is no timer.",
        "inferred", SPECIFICATION,
        (
            "tests/server/test_idle.py::test_without_an_answer_there_is_no_timer",
            "tests/server/test_idle.py::test_without_the_setting_there_is_none",
        ),
    ),
    Behaviour(
        "idle-answers-anyway", "3.7",
        "The prompt is made with `create_response` off, too.",
        "assumed", OURS,
        ("tests/server/test_idle.py::test_the_prompt_does_not_ask_create_response",),
    ),
    Behaviour(
        "idle-off-resets", "3.7",
        "Switching turn detection, or the timeout alone, off stops the timer.",
        "assumed", "ours: what openai-agents-js #1208 asks for",
        ("tests/server/test_idle.py::test_switching_detection_off_stops_the_timer",),
        "idle_on_vad_off=reset",
    ),
    Behaviour(
        "idle-off-stale", "3.7",
        "Switching turn detection off leaves the timer running; it fires as soon as it is on again.",
        "reported", "openai-agents-js #1208",
        ("tests/server/test_idle.py::test_a_stale_timer_fires_at_once",),
        "idle_on_vad_off=stale",
    ),
    Behaviour(
        "idle-clear-keeps", "3.7",
        "`input_audio_buffer.clear` leaves the timer as it is.",
        "assumed", OURS,
        ("tests/server/test_idle.py::test_clear_may_start_it_anew",),
        "idle_on_clear=keep",
    ),
    Behaviour(
        "idle-clear-restarts", "3.7",
        "`input_audio_buffer.clear` starts the timer anew.",
        "assumed", "ours: openai-agents-js PR #1346, unmerged, takes it for granted",
        ("tests/server/test_idle.py::test_clear_may_start_it_anew",),
        "idle_on_clear=restart",
    ),
    # --- push to talk ---
    Behaviour(
        "push-to-talk", "3.8",
        "With `turn_detection` null there are no `speech_*` events; the client commits, and then asks for a response.",
        "documented", GUIDES,
        (
            "tests/server/test_sequences.py::test_a_known_ordering",
            "tests/server/test_session.py::test_turn_detection_off_and_on_again",
            "tests/server/test_session.py::test_a_detector_fault_raises_no_turn_while_detection_is_off",
        ),
    ),
)  # fmt: skip

"""When the user's turn begins and ends: settings, automaton, clock, formats."""

from harness.server.fidelity.behaviour import (
    BETA_CAPTURES,
    GA_CAPTURES,
    GA_PROBES,
    OURS,
    PAIRS,
    SPECIFICATION,
    Behaviour,
)

DETECTION = (
    # --- settings ---
    Behaviour(
        "detection-defaults", "4.1",
        "A new session has `server_vad`: threshold 0.5, padding 300 ms, no idle timeout, responses created and "
        "interrupted.",
        "documented", f"{SPECIFICATION}; {GA_CAPTURES}",
        ("tests/server/test_session.py::test_the_first_event_is_session_created",),
    ),
    Behaviour(
        "silence-default", "4.1",
        "`silence_duration_ms` is 200 by default, where the prose says 500.",
        "documented", f"the example in {SPECIFICATION}; every capture that shows a default",
        (
            "tests/server/test_detection.py::test_the_default_silence_depends_on_the_model",
            "tests/server/test_session.py::test_the_first_event_is_session_created",
        ),
    ),
    Behaviour(
        "silence-of-the-mini", "4.1",
        "Of `gpt-realtime-2.1-mini` it is 500.",
        "assumed", "ours: no capture shows it",
        ("tests/server/test_detection.py::test_the_default_silence_depends_on_the_model",),
    ),
    Behaviour(
        "detection-partial", "4.1",
        "A partial `turn_detection` keeps the rest; after null, the session's defaults fill in.",
        "captured", GA_PROBES,
        (
            "tests/server/test_config.py::test_a_partial_turn_detection_keeps_the_rest",
            "tests/server/test_config.py::test_turn_detection_comes_back_with_its_defaults",
        ),
    ),
    Behaviour(
        "detection-other-type", "4.1",
        "Another `type` replaces it whole, with `create_response` and `interrupt_response` filled in.",
        "inferred", "openai-agents in Python and JavaScript read these two from the echo",
        (
            "tests/server/test_detection.py::test_another_type_replaces_and_the_same_type_merges",
            "tests/server/test_detection.py::test_semantic_detection_is_echoed_with_its_defaults",
        ),
    ),
    Behaviour(
        "create-response-off", "4.1",
        "With `create_response` off a turn is committed, and the client asks for the answer.",
        "documented", SPECIFICATION,
        ("tests/server/test_session.py::test_create_response_off_answers_nothing",),
    ),
    Behaviour(
        "detection-ranges", "4.1",
        "Thresholds are 0 to 1, idle timeouts 5000 to 30000 ms; `semantic_vad` has neither.",
        "documented", SPECIFICATION,
        ("tests/server/test_detection.py::test_wrong_detection",),
    ),
    Behaviour(
        "detection-our-ranges", "4.1",
        "Padding is at most 10 s, silence at most 60 s.",
        "assumed", OURS,
        ("tests/server/test_detection.py::test_bounds_that_are_ours",),
    ),
    Behaviour(
        "update-keeps", "4.1",
        "`session.update` of `turn_detection` while the user speaks: the turn goes on, under the new settings.",
        "assumed", OURS,
        (
            "tests/server/test_session.py::test_changed_detection_keeps_or_orphans_an_open_turn",
            "tests/server/test_detection.py::test_a_turn_goes_on_under_the_other_kind",
        ),
        "update_during_speech=keep",
    ),
    Behaviour(
        "update-resets", "4.1",
        "`session.update` of `turn_detection` while the user speaks: the turn is orphaned.",
        "assumed", OURS,
        ("tests/server/test_session.py::test_changed_detection_keeps_or_orphans_an_open_turn",),
        "update_during_speech=reset",
    ),
    Behaviour(
        "off-orphans", "4.1",
        "Switched off while the user speaks, detection drops the turn without a stop.",
        "assumed", OURS,
        ("tests/server/test_session.py::test_turning_detection_off_orphans_an_open_turn",),
    ),
    Behaviour(
        "semantic-longest", "4.1",
        "`semantic_vad` waits at most 8, 4 or 2 s, by eagerness (auto is medium).",
        "documented", SPECIFICATION,
        ("tests/server/test_detection.py::test_how_long_it_waits",),
        "semantic_end=waits_longest",
    ),
    Behaviour(
        "semantic-complete", "4.1",
        "It takes every turn for a whole sentence and waits an eighth of that; words are not looked at.",
        "assumed", OURS,
        (
            "tests/server/test_detection.py::test_how_long_it_waits",
            "tests/server/test_detection.py::test_a_pause_does_not_end_a_semantic_turn",
        ),
        "semantic_end=complete",
    ),
    Behaviour(
        "semantic-start", "4.1",
        "It opens turns as `server_vad` does by default.",
        "assumed", OURS,
        ("tests/server/test_detection.py::test_how_long_it_waits",),
    ),
    # --- the automaton ---
    Behaviour(
        "grid", "4.2",
        "Audio is judged in frames of 32 ms: `audio_end_ms`, and `audio_start_ms` with its padding, are multiples of "
        "32.",
        "inferred", PAIRS,
        (
            "tests/server/test_calibration.py::test_there_are_sixteen_and_all_are_on_the_grid",
            "tests/server/test_calibration.py::test_a_captured_turn",
            "tests/vad/test_turn.py::test_property_all_edges_lie_on_the_grid_and_alternate",
            "tests/live/test_connection.py::TestHearing::test_edges_do_not_depend_on_chunks_or_socket",
        ),
    ),
    Behaviour(
        "captured-turns", "4.2",
        "Given speech in the captured frames, the captured milliseconds come out.",
        "captured", PAIRS,
        (
            "tests/server/test_calibration.py::test_a_captured_turn",
            "tests/vad/test_turn.py::test_captured_turns_can_be_made_again",
        ),
    ),
    Behaviour(
        "silero", "4.2",
        "The detector is Silero v6.2 by default; `silero_v4` and `energy` can be chosen.",
        "inferred",
        "its edges match recordings of GA turns to the millisecond; those of energy, v4, v5 and v6.0 do not",
        (
            "tests/vad/test_silero.py::test_equals_an_independent_runtime_on_every_recording",
            "tests/vad/test_detector.py::test_silero_is_the_default",
        ),
    ),
    Behaviour(
        "hysteresis", "4.2",
        "Speech is a probability of the threshold or more, silence one of under threshold − 0.15; what lies between "
        "neither opens nor ends a silence.",
        "inferred", "recordings of GA turns, with the probabilities of Silero v6.2",
        (
            "tests/vad/test_turn.py::test_the_edges_of_the_three_inputs",
            "tests/vad/test_turn.py::test_middle_neither_opens_nor_cancels_a_silence",
            "tests/vad/test_turn.py::test_speech_cancels_a_silence",
        ),
    ),
    Behaviour(
        "silence-run", "4.2",
        "A silence counts from the start of its first silent frame, and ends the turn with the frame in which it has "
        "lasted `silence_duration_ms`.",
        "inferred", "recordings of GA turns, six edges of six",
        (
            "tests/vad/test_turn.py::test_one_speech_frame_is_a_turn_of_eight_frames",
            "tests/vad/test_turn.py::test_property_a_turn_ends_in_the_silence_that_was_asked_for",
            "tests/vad/test_turn.py::test_silence_is_rounded_up_to_frames",
        ),
    ),
    Behaviour(
        "end-has-silence", "4.2",
        "`audio_end_ms` includes the silence.",
        "documented", SPECIFICATION,
        ("tests/server/test_hearing.py::test_one_speech_frame_is_a_turn",),
    ),
    Behaviour(
        "one-frame-turn", "4.2",
        "A single frame of speech is a turn; there is no least length.",
        "inferred", f"{PAIRS}: the shortest have nine frames, seven of them silent",
        (
            "tests/server/test_hearing.py::test_one_speech_frame_is_a_turn",
            "tests/vad/test_turn.py::test_one_speech_frame_is_a_turn_of_eight_frames",
        ),
    ),
    Behaviour(
        "prefix", "4.2",
        "`audio_start_ms` includes `prefix_padding_ms`, but is never below 0.",
        "documented", f"{SPECIFICATION}; {PAIRS}",
        (
            "tests/vad/test_turn.py::test_the_start_is_not_before_the_session",
            "tests/server/test_calibration.py::test_a_captured_turn",
        ),
        "prefix_in_start=yes",
    ),
    Behaviour(
        "no-prefix", "4.2",
        "`audio_start_ms` is the first frame of speech itself.",
        "inferred", f"three of the {BETA_CAPTURES} fit the grid only so",
        (
            "tests/server/test_session.py::test_prefix_in_start_can_be_switched_off",
            "tests/vad/test_turn.py::test_the_prefix_can_be_left_out_of_the_start",
            "tests/server/test_config.py::test_turn_settings_take_the_policy",
        ),
        "prefix_in_start=no",
    ),
    Behaviour(
        "soon-again", "4.2",
        "A turn may begin two frames after the last one ended.",
        "captured", BETA_CAPTURES,
        ("tests/vad/test_turn.py::test_a_turn_can_begin_two_frames_after_a_stop",),
    ),
    Behaviour(
        "low-threshold", "4.2",
        "With a threshold below 0.15 no frame is silent, and a turn never ends.",
        "inferred", "the rule above",
        ("tests/vad/test_turn.py::test_below_015_a_turn_never_ends",),
    ),
)  # fmt: skip

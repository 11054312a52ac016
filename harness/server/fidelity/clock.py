"""The server's clock, and the buffer that it counts."""

from harness.server.fidelity.behaviour import OURS, SPECIFICATION, Behaviour

CLOCK = (
    Behaviour(
        "audio-clock", "4.3",
        "Positions are milliseconds of all audio appended in the session.",
        "documented", SPECIFICATION,
        (
            "tests/server/test_session.py::test_audio_may_be_cut_anywhere",
            "tests/server/test_hearing.py::test_a_frame_is_32_ms_in_every_format",
        ),
    ),
    Behaviour(
        "frozen-clock", "4.3",
        "A client that stops appending gets no `input_audio_buffer.speech_stopped`, whatever time passes.",
        "inferred", "the wording above; pipecat #4124, hermes-live-voice #55",
        ("tests/server/test_session.py::test_without_audio_time_stands_still",),
    ),
    Behaviour(
        "any-chunks", "4.3",
        "How audio is cut into appends, and how fast it comes, changes nothing.",
        "inferred", SPECIFICATION,
        (
            "tests/server/test_hearing.py::test_chunks_change_nothing",
            "tests/server/test_chunking.py::test_an_idle_timeout_is_on_the_grid",
            "tests/server/test_chunking.py::test_a_timeout_comes_before_the_speech_that_follows_it",
            "tests/server/test_chunking.py::test_a_barge_in_that_is_over_at_once_does_not_start_the_idle_time",
            "tests/vad/test_ear.py::test_property_the_chunks_do_not_matter",
            "tests/live/test_connection.py::TestHearing::test_edges_do_not_depend_on_pauses",
        ),
    ),
    Behaviour(
        "formats", "4.3",
        "PCM of 24 kHz has 48 bytes a millisecond, G.711 (`audio/pcmu`, `audio/pcma`) 8.",
        "documented", SPECIFICATION,
        (
            "tests/server/test_hearing.py::test_a_frame_is_32_ms_in_every_format",
            "tests/server/test_session_buffer.py::test_g711_takes_a_byte_for_each_of_8000_samples",
            "tests/server/test_config.py::test_formats_by_their_names",
        ),
    ),
    Behaviour(
        "wrong-format", "4.3",
        "Audio is read as what was declared: G.711 sent as PCM is six times too short.",
        "reported", "twilio-python #6",
        ("tests/server/test_session_buffer.py::test_100_ms_are_measured_in_the_declared_format",),
    ),
    Behaviour(
        "format-changes", "4.3",
        "When the format changes, what is buffered keeps its length, and a frame that was begun is dropped.",
        "assumed", OURS,
        (
            "tests/server/test_session_buffer.py::test_audio_keeps_its_length_when_the_format_changes",
            "tests/server/test_hearing.py::test_another_format_is_heard_from_now_on",
        ),
    ),
    Behaviour(
        "clock-while-off", "4.3",
        "The clock runs on while turn detection is off.",
        "inferred", SPECIFICATION,
        (
            "tests/server/test_session.py::test_turn_detection_off_and_on_again",
            "tests/server/test_hearing.py::test_deaf_while_not_listening",
        ),
    ),
    Behaviour(
        "odd-byte-carried", "4.3",
        "An append that ends inside a sample: the next one brings the rest.",
        "assumed", OURS,
        (
            "tests/server/test_hearing.py::test_half_a_sample_is_not_lost",
            "tests/server/test_session_buffer.py::test_half_a_sample_is_carried_or_dropped",
        ),
        "odd_byte=carry",
    ),
    Behaviour(
        "odd-byte-dropped", "4.3",
        "An append that ends inside a sample: the odd byte is dropped.",
        "assumed", OURS,
        ("tests/server/test_session_buffer.py::test_half_a_sample_is_carried_or_dropped",),
        "odd_byte=drop",
    ),
    # --- append, commit, clear ---
    Behaviour(
        "append-size", "4.4",
        "One `input_audio_buffer.append` brings at most 15 MiB of audio.",
        "documented", SPECIFICATION,
        (
            "tests/server/test_session_buffer.py::test_15_mib_is_the_most_audio_of_one_append",
            "tests/protocol/test_codec.py::test_15_mib",
        ),
    ),
    Behaviour(
        "append-refused", "4.4",
        "A larger one, or bad base64, gets `invalid_value` with param `audio`; nothing of it is heard and the socket "
        "stays open.",
        "assumed", OURS,
        (
            "tests/server/test_session_buffer.py::test_15_mib_is_the_most_audio_of_one_append",
            "tests/protocol/test_codec.py::test_bad_base64",
            "tests/live/test_connection.py::TestBadMessages::test_are_answered_by_one_error",
        ),
    ),
    Behaviour(
        "commit-empty", "4.4",
        "`input_audio_buffer.commit` of less than 100 ms: `input_audio_buffer_commit_empty`, with how much there is.",
        "reported", "many client issues, verbatim",
        (
            "tests/server/test_session_buffer.py::test_less_than_100_ms_cannot_be_committed",
            "tests/server/test_error_table.py::test_a_known_error_comes_from_its_cause",
        ),
    ),
    Behaviour(
        "commit-too-late", "4.4",
        "So does a commit right after the server's own.",
        "reported", "a public report that counts 310 of 774 commits",
        ("tests/server/test_session_buffer.py::test_a_commit_after_the_server_has_committed_comes_too_late",),
    ),
    Behaviour(
        "rest-stays", "4.4",
        "What an append brings beyond the end of a turn stays in the buffer.",
        "assumed", OURS,
        (
            "tests/server/test_session.py::test_what_follows_a_turn_in_its_append_stays_in_the_buffer",
            "tests/server/test_hearing.py::test_what_was_appended_after_a_turn",
        ),
    ),
    Behaviour(
        "clear", "4.4",
        "`input_audio_buffer.clear` is answered by `input_audio_buffer.cleared`, by an empty buffer too.",
        "documented", SPECIFICATION,
        ("tests/server/test_session_buffer.py::test_clear_of_an_empty_buffer_is_no_error",),
    ),
    Behaviour(
        "clear-reset", "4.4",
        "A clear in mid-speech: detection is idle, the turn is orphaned without a stop, the next onset has a new id.",
        "assumed", "ours, as most open-source servers do; none of them sends a stop",
        (
            "tests/server/test_session_buffer.py::test_clear_orphans_an_open_turn",
            "tests/server/test_sequences.py::test_the_variants_of_clear_during_speech",
        ),
        "clear_during_speech=reset",
    ),
    Behaviour(
        "clear-buffer-only", "4.4",
        "A clear in mid-speech: only the bytes go; speech raises no start, and the stop has the old id.",
        "assumed", "ours, as LocalAI does",
        (
            "tests/server/test_session_buffer.py::test_clear_may_empty_the_buffer_only",
            "tests/server/test_sequences.py::test_the_variants_of_clear_during_speech",
        ),
        "clear_during_speech=buffer_only",
    ),
    Behaviour(
        "clear-wedge", "4.4",
        "A clear in mid-speech: no `speech_*` event ever comes again in this session.",
        "assumed", "ours: the shape of the freeze in community.openai.com topic 1374520",
        (
            "tests/server/test_session_buffer.py::test_clear_may_wedge_detection_for_good",
            "tests/server/test_session_buffer.py::test_wedge_needs_speech",
            "tests/server/test_sequences.py::test_the_variants_of_clear_during_speech",
        ),
        "clear_during_speech=wedge",
    ),
    Behaviour(
        "clear-keeps-clock", "4.4",
        "A clear leaves the clock as it is.",
        "inferred", f"{SPECIFICATION}: 'all audio written to the buffer during the session'",
        ("tests/server/test_session_buffer.py::test_clear_may_restart_the_clock",),
        "clock_on_clear=keep",
    ),
    Behaviour(
        "clear-restarts-clock", "4.4",
        "A clear starts the clock again at 0; an open turn stays open.",
        "assumed", "ours, as speaches does",
        (
            "tests/server/test_session_buffer.py::test_clear_may_restart_the_clock",
            "tests/server/test_session_buffer.py::test_a_restarted_clock_leaves_an_open_turn_open",
            "tests/server/test_hearing.py::test_the_clock_can_be_restarted_within_a_turn",
        ),
        "clock_on_clear=restart",
    ),
)  # fmt: skip

"""The session: its configuration, its end, and how mistakes are told."""

from harness.server.fidelity.behaviour import GA_CAPTURES, GA_PROBES, OURS, SPECIFICATION, Behaviour

SESSION = (
    Behaviour(
        "full-echo", "4.6",
        "`session.update` is answered by `session.updated` with the whole effective configuration.",
        "captured", GA_CAPTURES,
        ("tests/server/test_config.py::test_the_answer_shows_the_whole_configuration",),
    ),
    Behaviour(
        "atomic", "4.6",
        "One bad field discards the whole update.",
        "captured", GA_PROBES,
        (
            "tests/server/test_config.py::test_one_bad_field_discards_the_whole_update",
            "tests/properties/test_session_invariants.py::test_a_refused_update_changes_nothing",
            "tests/server/test_valid_part.py::test_by_default_a_refused_update_changes_nothing",
        ),
        "update_error=atomic",
    ),
    Behaviour(
        "partial", "4.6",
        "What stands before the bad field is in force all the same; the `error` is all that is said.",
        "assumed", "ours: speaches applies what it can, and says the error and `session.updated`",
        (
            "tests/server/test_valid_part.py::test_an_update_may_be_applied_up_to_its_bad_field",
            "tests/server/test_valid_part.py::test_before_the_first_field_there_is_nothing",
            "tests/server/test_valid_part.py::test_an_object_of_which_nothing_is_left_switches_nothing_on",
            "tests/server/test_valid_part.py::test_the_voice_that_is_locked_is_a_bad_field_too",
            "tests/server/test_valid_part.py::test_what_was_applied_is_in_force",
        ),
        "update_error=partial",
    ),
    Behaviour(
        "null-and-absent", "4.6",
        "Null clears a field that can be null, an absent one keeps it.",
        "documented", f"{SPECIFICATION}; {GA_PROBES}",
        (
            "tests/server/test_config.py::test_an_absent_turn_detection_stays_as_it_is",
            "tests/server/test_session.py::test_turn_detection_off_and_on_again",
        ),
    ),
    Behaviour(
        "deep-merge", "4.6",
        "An object in an update may be partial: a noise reduction keeps its strength, a transcription its model.",
        "documented", f"{SPECIFICATION}, of the strength; of the others clients count on it",
        (
            "tests/server/test_config.py::test_what_an_update_leaves_out_stays_as_it_was",
            "tests/server/test_config.py::test_the_answer_shows_the_whole_configuration",
        ),
    ),
    Behaviour(
        "modalities-text", "4.6",
        "Both modalities at once are refused in the beta's words, with the GA's values.",
        "inferred", "the beta's text, reported verbatim",
        ("tests/server/test_config.py::test_what_is_wrong_with_modalities_and_formats",),
    ),
    Behaviour(
        "unknown-field", "4.6",
        "An unknown field: `unknown_parameter`, with its path.",
        "captured", GA_PROBES,
        (
            "tests/server/test_config.py::test_an_unknown_parameter_is_named",
            "tests/server/test_error_table.py::test_a_known_error_comes_from_its_cause",
        ),
    ),
    Behaviour(
        "type-required", "4.6",
        "Without `session.type`: `missing_required_parameter`.",
        "documented", f"{SPECIFICATION}; the error is reported verbatim",
        (
            "tests/server/test_config.py::test_the_session_must_name_its_type",
            "tests/server/test_error_table.py::test_a_known_error_comes_from_its_cause",
        ),
    ),
    Behaviour(
        "no-transcription-session", "4.6",
        "An update of type `transcription` is refused, in the service's words.",
        "captured", GA_PROBES,
        ("tests/server/test_config.py::test_a_transcription_session_is_refused",),
    ),
    Behaviour(
        "voice-lock", "4.6",
        "Once assistant audio was sent, out of band too, the voice cannot change, be it by an update or for one "
        "response: `cannot_update_voice`.",
        "documented", f"{SPECIFICATION}; code and text reported",
        (
            "tests/server/test_config.py::test_the_voice_is_locked_by_assistant_audio",
            "tests/server/test_config.py::test_an_answer_out_of_band_locks_the_voice_too",
            "tests/server/test_requests.py::test_another_voice_is_refused_once_the_assistant_has_spoken",
            "tests/server/test_requests.py::test_the_first_voice_stays_the_voice",
            "tests/server/test_error_table.py::test_a_known_error_comes_from_its_cause",
        ),
    ),
    Behaviour(
        "voice-lock-what", "4.6",
        "The same voice again is no change; an answer in text does not lock it.",
        "inferred", "the error speaks of audio",
        (
            "tests/server/test_config.py::test_the_voice_is_locked_by_assistant_audio",
            "tests/server/test_config.py::test_a_text_answer_does_not_lock_the_voice",
        ),
    ),
    Behaviour(
        "model-ignored", "4.6",
        "`model` in an update is passed over.",
        "reported", "issues of clients",
        ("tests/server/test_config.py::test_the_model_cannot_be_changed",),
    ),
    Behaviour(
        "pcm-rate", "4.6",
        "PCM of another rate than 24000 is refused; of a lower one, with `integer_below_min_value`.",
        "reported", "issues of clients",
        (
            "tests/server/test_config.py::test_one_bad_field_discards_the_whole_update",
            "tests/server/test_error_table.py::test_a_known_error_comes_from_its_cause",
        ),
    ),
    Behaviour(
        "field-ranges", "4.6",
        "Speed 0.25 to 1.5, `max_output_tokens` 1 to 4096 or inf, one modality and never both.",
        "documented", SPECIFICATION,
        ("tests/server/test_config.py::test_one_bad_field_discards_the_whole_update",),
    ),
    Behaviour(
        "shapes", "4.6",
        "Tools, tool choice, prompt, tracing, truncation, reasoning and custom voices are checked, then only echoed.",
        "documented", SPECIFICATION,
        (
            "tests/server/test_shapes.py::test_a_documented_shape_passes_and_is_one_of_the_vendor",
            "tests/server/test_shapes.py::test_anything_else_is_refused_at_its_place",
            "tests/server/test_shapes.py::test_a_voice_is_a_name_or_an_id",
        ),
    ),
    Behaviour(
        "instructions", "4.6",
        "A new session shows default instructions; their words are ours.",
        "documented", SPECIFICATION,
        ("tests/server/test_config.py::test_a_new_session_has_a_voice_and_instructions",),
    ),
    Behaviour(
        "default-voice", "4.6",
        "The voice of a new session is `marin`.",
        "documented", f"the example in {SPECIFICATION}",
        ("tests/server/test_config.py::test_a_new_session_has_a_voice_and_instructions",),
    ),
    Behaviour(
        "expires-at", "4.6",
        "`expires_at` is an hour after the connection began, or when the session is set to end.",
        "captured", GA_CAPTURES,
        (
            "tests/live/test_server.py::TestOpening::test_sessions_differ_and_last_an_hour",
            "tests/live/test_server.py::TestExpiry::test_is_promised_in_session_created",
        ),
    ),
    Behaviour(
        "expiry", "4.6",
        "After 60 minutes: `error` with code `session_expired`, and Close 1001 with the same text.",
        "documented", "Realtime guides, for the hour; error and Close reported (reachy_mini #134, verbatim)",
        (
            "tests/server/test_life.py::test_a_session_expires_after_an_hour",
            "tests/server/test_life.py::test_after_its_end_a_session_is_silent",
            "tests/live/test_server.py::TestExpiry::test_is_an_error_and_a_close",
        ),
    ),
    Behaviour(
        "shorter-life", "4.6",
        "A scenario can end it sooner; the text says 60 minutes all the same.",
        "assumed", OURS,
        (
            "tests/live/test_server.py::TestExpiry::test_is_an_error_and_a_close",
            "tests/server/test_life.py::test_a_session_s_hour_begins_when_it_opens",
        ),
    ),
    # --- errors and closes ---
    Behaviour(
        "error-shape", "4.7",
        "`error` has type, code, message, param and event_id; what is not there is null.",
        "documented", f"{SPECIFICATION}; {GA_PROBES}",
        ("tests/protocol/test_objects.py::test_an_error_says_null_where_it_has_nothing",),
    ),
    Behaviour(
        "recoverable", "4.7",
        "An error leaves the session as it was, unless a Close follows.",
        "documented", SPECIFICATION,
        (
            "tests/server/test_error_table.py::test_after_an_error_the_session_goes_on",
            "tests/properties/test_session_invariants.py::test_a_refused_update_changes_nothing",
        ),
    ),
    Behaviour(
        "unknown-event", "4.7",
        "An unknown event: `invalid_value`, param `type`, and the live endpoint's list of supported ones. That lacks "
        "`output_audio_buffer.clear`, and has `session.close` and `session.input_audio_buffer.append`, of translation "
        "sessions.",
        "captured", GA_PROBES,
        (
            "tests/protocol/test_codec.py::test_an_unknown_type",
            "tests/protocol/test_codec.py::test_the_supported_types_are_the_captured_ones",
            "tests/server/test_error_table.py::test_a_known_error_comes_from_its_cause",
        ),
    ),
    Behaviour(
        "invalid-json", "4.7",
        "Text that is no JSON: `invalid_json`; how its message goes on is ours.",
        "captured", GA_PROBES,
        ("tests/protocol/test_codec.py::test_no_json", "tests/protocol/test_codec.py::test_nesting_without_end"),
    ),
    Behaviour(
        "no-type", "4.7",
        "A message without a `type`: `invalid_event`, `The 'type' field is missing.`, param null.",
        "documented", f"the example of `error` in {SPECIFICATION}",
        ("tests/protocol/test_codec.py::test_a_message_without_a_type",),
    ),
    Behaviour(
        "json-no-object", "4.7",
        "JSON that is no object: `invalid_event`.",
        "assumed", OURS,
        ("tests/protocol/test_codec.py::test_json_that_is_no_object",),
    ),
    Behaviour(
        "missing-field", "4.7",
        "A field that must be there: `missing_required_parameter`, with its path.",
        "reported", "issues of clients, verbatim",
        ("tests/protocol/test_codec.py::test_a_missing_field",),
    ),
    Behaviour(
        "wrong-type", "4.7",
        "A value of a wrong type: `invalid_type`; above a maximum: `integer_above_max_value`, "
        "`decimal_above_max_value`.",
        "assumed", OURS,
        (
            "tests/protocol/test_codec.py::test_a_field_of_a_wrong_type",
            "tests/server/test_config.py::test_one_bad_field_discards_the_whole_update",
        ),
    ),
    Behaviour(
        "server-error-text", "4.7",
        "`server_error` inside a failed response has the service's text, with the session's id.",
        "reported", "twilio-node #37, verbatim",
        ("tests/server/test_script.py::test_a_server_error_names_the_session",),
    ),
    Behaviour(
        "stopping", "4.7",
        "A server that is stopped closes with 1001.",
        "assumed", f"{OURS}; RFC 6455: going away",
        ("tests/live/test_server.py::TestStopping::test_closes_with_1001",),
    ),
    Behaviour(
        "our-bug", "4.7",
        "A bug of stillthere closes the connection with 1011.",
        "assumed", OURS,
        ("tests/live/test_connection.py::TestOwnFaults::test_are_logged_and_close_with_1011",),
    ),
)  # fmt: skip

"""The session: its configuration, its end, and its errors."""

from .behaviour import GA_CAPTURES, GA_PROBES, OURS, RECORDINGS, SPECIFICATION, Behaviour

SESSION_ROWS = (
    Behaviour(
        "full-echo", "4.6",
        "`session.update` is answered by `session.updated` with the whole effective configuration.",
        "captured", GA_CAPTURES,
    ),
    Behaviour(
        "atomic", "4.6",
        "One bad field discards the whole update.",
        "captured", GA_PROBES,
        "update_error=atomic",
    ),
    Behaviour(
        "partial", "4.6",
        "The fields before the bad one are applied; the only answer is the `error`.",
        "assumed", "ours: speaches applies what it can, and says the error and `session.updated`",
        "update_error=partial",
    ),
    Behaviour(
        "null-and-absent", "4.6",
        "Null clears a field that can be null, an absent one keeps it.",
        "documented", f"{SPECIFICATION}; {GA_PROBES}",
    ),
    Behaviour(
        "deep-merge", "4.6",
        "An object in an update may be partial: a noise reduction keeps its strength, a transcription its model.",
        "documented", f"{SPECIFICATION}, of the strength; of the others clients count on it",
    ),
    Behaviour(
        "modalities-text", "4.6",
        "Both modalities at once are refused in the beta's words, with the GA's values.",
        "inferred", "the beta's text, reported verbatim",
    ),
    Behaviour(
        "unknown-field", "4.6",
        "An unknown field: `unknown_parameter`, with its path.",
        "captured", GA_PROBES,
    ),
    Behaviour(
        "type-required", "4.6",
        "Without `session.type`: `missing_required_parameter`.",
        "documented", f"{SPECIFICATION}; the error is reported verbatim",
    ),
    Behaviour(
        "no-transcription-session", "4.6",
        "An update of type `transcription` is refused, in the service's words.",
        "captured", GA_PROBES,
    ),
    Behaviour(
        "voice-lock", "4.6",
        "Once assistant audio was sent, out of band too, the voice cannot change, be it by an update or for one "
        "response: `cannot_update_voice`.",
        "documented", f"{SPECIFICATION}; code and text reported",
    ),
    Behaviour(
        "voice-lock-what", "4.6",
        "The same voice again is no change; an answer in text does not lock it.",
        "inferred", "the error names audio",
    ),
    Behaviour(
        "model-ignored", "4.6",
        "`model` in an update is ignored.",
        "reported", "issues of clients",
    ),
    Behaviour(
        "pcm-rate", "4.6",
        "PCM of another rate than 24000 is refused; of a lower one, with `integer_below_min_value`.",
        "reported", "issues of clients",
    ),
    Behaviour(
        "field-ranges", "4.6",
        "Speed 0.25 to 1.5, `max_output_tokens` 1 to 4096 or inf, one modality and never both.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "shapes", "4.6",
        "Tools, tool choice, prompt, tracing, truncation, reasoning and custom voices are checked, then only echoed.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "instructions", "4.6",
        "A new session shows default instructions; their words are ours.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "instructions-empty", "4.6",
        "An update with empty instructions brings the default ones back.",
        "captured", RECORDINGS,
    ),
    Behaviour(
        "echo-order", "4.6",
        "A tool is echoed as type, name, description, parameters; `reasoning`, once it is given, behind `prompt`.",
        "captured", RECORDINGS,
    ),
    Behaviour(
        "voice-default", "4.6",
        "The voice of a new session is `alloy`, and `marin` of `gpt-realtime-2.1`.",
        "captured", RECORDINGS,
    ),
    Behaviour(
        "truncation-echo", "4.6",
        "`truncation` is `auto` in a new session and in every echo, between `tracing` and `prompt`.",
        "captured", RECORDINGS,
    ),
    Behaviour(
        "transcription-echo", "4.6",
        "A `transcription` that was asked for is echoed with its `language` and `prompt`, null if not given; that of "
        "`gpt-live-transcribe` with its `languages`, too.",
        "captured", RECORDINGS,
    ),
    Behaviour(
        "expires-at", "4.6",
        "`expires_at` is an hour after the connection began, or when the session is set to end.",
        "captured", GA_CAPTURES,
    ),
    Behaviour(
        "expiry", "4.6",
        "After 60 minutes: `error` with code `session_expired`, and Close 1001 with the same text.",
        "documented", "Realtime guides, for the hour; error and Close reported (reachy_mini #134, verbatim)",
    ),
    Behaviour(
        "shorter-life", "4.6",
        "A scenario can end it sooner; the text says 60 minutes all the same.",
        "assumed", OURS,
    ),
    # --- errors and closes ---
    Behaviour(
        "error-shape", "4.7",
        "`error` has type, code, message, param and event_id; what is not there is null.",
        "documented", f"{SPECIFICATION}; {GA_PROBES}",
    ),
    Behaviour(
        "recoverable", "4.7",
        "An error leaves the session as it was, unless a Close follows.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "unknown-event", "4.7",
        "An unknown event: `invalid_value`, param `type`, and the live endpoint's list of supported ones. That lacks "
        "`output_audio_buffer.clear`, and has `session.close` and `session.input_audio_buffer.append`, of translation "
        "sessions.",
        "captured", GA_PROBES,
    ),
    Behaviour(
        "invalid-json", "4.7",
        "Text that is no JSON: `invalid_json`; the rest of its message is ours.",
        "captured", GA_PROBES,
    ),
    Behaviour(
        "no-type", "4.7",
        "A message without a `type`: `invalid_event`, `The 'type' field is missing.`, param null.",
        "documented", f"the example of `error` in {SPECIFICATION}",
    ),
    Behaviour(
        "json-no-object", "4.7",
        "JSON that is no object: `invalid_event`.",
        "assumed", OURS,
    ),
    Behaviour(
        "missing-field", "4.7",
        "A field that must be there: `missing_required_parameter`, with its path.",
        "reported", "issues of clients, verbatim",
    ),
    Behaviour(
        "wrong-type", "4.7",
        "A value of a wrong type: `invalid_type`; above a maximum: `integer_above_max_value`, "
        "`decimal_above_max_value`.",
        "assumed", OURS,
    ),
    Behaviour(
        "server-error-text", "4.7",
        "`server_error` inside a failed response has the service's text, with the session's id.",
        "reported", "twilio-node #37, verbatim",
    ),
    Behaviour(
        "stopping", "4.7",
        "A server that is stopped closes with 1001.",
        "assumed", f"{OURS}; RFC 6455: going away",
    ),
    Behaviour(
        "our-bug", "4.7",
        "A bug of stillthere closes the connection with 1011.",
        "assumed", OURS,
    ),
)  # fmt: skip

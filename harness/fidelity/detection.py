"""When the user's turn begins and ends: settings, automaton, clock, formats."""

from .behaviour import (
    BETA_CAPTURES,
    GA_CAPTURES,
    GA_PROBES,
    OURS,
    PAIRS,
    RECORDINGS,
    SPECIFICATION,
    Behaviour,
)

DETECTION_ROWS = (
    # --- settings ---
    Behaviour(
        "detection-defaults", "4.1",
        "A new session has `server_vad`: threshold 0.5, padding 300 ms, no idle timeout, responses created and "
        "interrupted.",
        "documented", f"{SPECIFICATION}; {GA_CAPTURES}",
    ),
    Behaviour(
        "silence-default", "4.1",
        "`silence_duration_ms` is 200 by default of `gpt-realtime`, where the prose says 500.",
        "documented", f"the example in {SPECIFICATION}; {RECORDINGS}",
    ),
    Behaviour(
        "silence-of-2-1", "4.1",
        "Of `gpt-realtime-2.1` it is 500; `gpt-realtime-2.1-mini` is taken to have the same.",
        "captured", RECORDINGS,
    ),
    Behaviour(
        "detection-partial", "4.1",
        "A partial `turn_detection` keeps the rest; after null, the session's defaults fill in.",
        "captured", GA_PROBES,
    ),
    Behaviour(
        "detection-other-type", "4.1",
        "Another `type` replaces it whole, with `create_response` and `interrupt_response` filled in.",
        "inferred", "openai-agents in Python and JavaScript read these two from the echo",
    ),
    Behaviour(
        "create-response-off", "4.1",
        "With `create_response` off a turn is committed, and the client asks for the answer.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "detection-ranges", "4.1",
        "Thresholds are 0 to 1, idle timeouts 5000 to 30000 ms; `semantic_vad` has neither.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "detection-our-ranges", "4.1",
        "Padding is at most 10 s, silence at most 60 s.",
        "assumed", OURS,
    ),
    Behaviour(
        "update-keeps", "4.1",
        "`session.update` of `turn_detection` while the user speaks: the turn goes on, under the new settings.",
        "assumed", OURS,
        "update_during_speech=keep",
    ),
    Behaviour(
        "update-resets", "4.1",
        "`session.update` of `turn_detection` while the user speaks: the turn is dropped.",
        "assumed", OURS,
        "update_during_speech=reset",
    ),
    Behaviour(
        "off-drops", "4.1",
        "Switched off while the user speaks, detection drops the turn without a stop.",
        "assumed", OURS,
    ),
    Behaviour(
        "semantic-longest", "4.1",
        "`semantic_vad` waits at most 8, 4 or 2 s, by eagerness (auto is medium).",
        "documented", SPECIFICATION,
        "semantic_end=waits_longest",
    ),
    Behaviour(
        "semantic-complete", "4.1",
        "It takes every turn for a whole sentence and waits an eighth of that; its words do not matter.",
        "assumed", OURS,
        "semantic_end=complete",
    ),
    Behaviour(
        "semantic-start", "4.1",
        "It opens turns as `server_vad` does by default.",
        "assumed", OURS,
    ),
    # --- the automaton ---
    Behaviour(
        "grid", "4.2",
        "Audio is judged in frames of 32 ms: `audio_end_ms`, and `audio_start_ms` with its padding, are multiples of "
        "32.",
        "inferred", PAIRS,
    ),
    Behaviour(
        "captured-turns", "4.2",
        "Given speech in the captured frames, the captured milliseconds come out.",
        "captured", PAIRS,
    ),
    Behaviour(
        "silero", "4.2",
        "The detector is Silero v6.2 by default; `silero_v4` and `energy` can be chosen.",
        "inferred",
        "its edges match recordings of GA turns to the millisecond; those of energy, v4, v5 and v6.0 do not",
    ),
    Behaviour(
        "hysteresis", "4.2",
        "Speech is a probability of the threshold or more, silence one of under threshold − 0.15; what lies between "
        "neither opens nor ends a silence.",
        "inferred", "recordings of GA turns, with the probabilities of Silero v6.2",
    ),
    Behaviour(
        "silence-run", "4.2",
        "A silence counts from the start of its first silent frame, and ends the turn with the frame in which it has "
        "lasted `silence_duration_ms`.",
        "inferred",
        f"{RECORDINGS}: six edges of six, heard through the filter below. One clip cannot tell this from a silence "
        "that counts from the end of its first silent frame, heard through a filter at 8 kHz. The filter is the "
        "simpler explanation: common resamplers lie below the Nyquist frequency",
    ),
    Behaviour(
        "ear-filter", "4.2",
        "The detector gets 16 kHz. Audio is resampled for it as common resamplers do, with half the amplitude (−6 dB) "
        "left at 0.95 of the Nyquist frequency: 7.6 kHz of 24 kHz audio.",
        "inferred",
        f"{RECORDINGS}: six edges of six; with −6 dB at 8 kHz, three of six: each end is 32 ms early. "
        "[How the filter was chosen](resampling.md)",
    ),
    Behaviour(
        "end-has-silence", "4.2",
        "`audio_end_ms` includes the silence.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "one-frame-turn", "4.2",
        "A single frame of speech is a turn; there is no least length.",
        "inferred", f"{PAIRS}: the shortest have nine frames, seven of them silent",
    ),
    Behaviour(
        "prefix", "4.2",
        "`audio_start_ms` includes `prefix_padding_ms`, but is never below 0.",
        "documented", f"{SPECIFICATION}; {PAIRS}",
        "prefix_in_start=yes",
    ),
    Behaviour(
        "no-prefix", "4.2",
        "`audio_start_ms` is the first frame of speech itself.",
        "inferred", f"three of the {BETA_CAPTURES} fit the grid only so",
        "prefix_in_start=no",
    ),
    Behaviour(
        "soon-again", "4.2",
        "A turn may begin two frames after the last one ended.",
        "captured", BETA_CAPTURES,
    ),
    Behaviour(
        "low-threshold", "4.2",
        "With a threshold below 0.15 no frame is silent, and a turn never ends.",
        "inferred", "the rule above",
    ),
)  # fmt: skip

"""The server's clock, and the buffer that it counts."""

from .behaviour import OURS, SPECIFICATION, Behaviour

CLOCK_ROWS = (
    Behaviour(
        "audio-clock", "4.3",
        "Positions are milliseconds of all audio appended in the session.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "frozen-clock", "4.3",
        "A client that stops appending gets no `input_audio_buffer.speech_stopped`, however much time passes.",
        "inferred", "the wording above; pipecat #4124, hermes-live-voice #55",
    ),
    Behaviour(
        "any-chunks", "4.3",
        "How audio is cut into appends, and how fast it is sent, changes nothing.",
        "inferred", SPECIFICATION,
    ),
    Behaviour(
        "formats", "4.3",
        "PCM of 24 kHz has 48 bytes a millisecond, G.711 (`audio/pcmu`, `audio/pcma`) 8.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "wrong-format", "4.3",
        "Audio is read as what was declared: G.711 sent as PCM is six times too short.",
        "reported", "twilio-python #6",
    ),
    Behaviour(
        "format-changes", "4.3",
        "When the format changes, what is buffered keeps its length, and an incomplete frame is dropped.",
        "assumed", OURS,
    ),
    Behaviour(
        "clock-while-off", "4.3",
        "The clock runs on while turn detection is off.",
        "inferred", SPECIFICATION,
    ),
    Behaviour(
        "odd-byte-carried", "4.3",
        "An append that ends inside a sample: the next one has the rest.",
        "assumed", OURS,
        "odd_byte=carry",
    ),
    Behaviour(
        "odd-byte-dropped", "4.3",
        "An append that ends inside a sample: the odd byte is dropped.",
        "assumed", OURS,
        "odd_byte=drop",
    ),
    # --- append, commit, clear ---
    Behaviour(
        "append-size", "4.4",
        "One `input_audio_buffer.append` holds at most 15 MiB of audio.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "append-refused", "4.4",
        "A larger one, or bad base64, gets `invalid_value` with param `audio`; nothing of it is buffered, and the "
        "socket stays open.",
        "assumed", OURS,
    ),
    Behaviour(
        "commit-empty", "4.4",
        "`input_audio_buffer.commit` of less than 100 ms: `input_audio_buffer_commit_empty`, with how much there is.",
        "reported", "many client issues, verbatim",
    ),
    Behaviour(
        "commit-too-late", "4.4",
        "So does a commit right after the server's own.",
        "reported", "a public report that counts 310 of 774 commits",
    ),
    Behaviour(
        "rest-stays", "4.4",
        "What an append holds beyond the end of a turn stays in the buffer.",
        "assumed", OURS,
    ),
    Behaviour(
        "clear", "4.4",
        "`input_audio_buffer.clear` is answered by `input_audio_buffer.cleared`, by an empty buffer too.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "clear-reset", "4.4",
        "A clear in mid-speech: detection is idle, the turn is dropped without a stop, the next onset has a new id.",
        "assumed", "ours, as most open-source servers do; none of them sends a stop",
        "clear_during_speech=reset",
    ),
    Behaviour(
        "clear-buffer-only", "4.4",
        "A clear in mid-speech: only the bytes go; speech raises no start, and the stop has the old id.",
        "assumed", "ours, as LocalAI does",
        "clear_during_speech=buffer_only",
    ),
    Behaviour(
        "clear-wedge", "4.4",
        "A clear in mid-speech: no `speech_*` event ever comes again in this session.",
        "assumed", "ours: the shape of the freeze in community.openai.com topic 1374520",
        "clear_during_speech=wedge",
    ),
    Behaviour(
        "clear-keeps-clock", "4.4",
        "A clear leaves the clock as it is.",
        "inferred", f"{SPECIFICATION}: 'all audio written to the buffer during the session'",
        "clock_on_clear=keep",
    ),
    Behaviour(
        "clear-restarts-clock", "4.4",
        "A clear starts the clock again at 0; an open turn stays open.",
        "assumed", "ours, as speaches does",
        "clock_on_clear=restart",
    ),
)  # fmt: skip

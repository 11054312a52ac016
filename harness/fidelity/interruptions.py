"""What comes between: barge-in, cancellation, a manual commit, the idle timeout, push to talk."""

from .behaviour import BETA_CAPTURES, GA_PROBES, GUIDES, OURS, SPECIFICATION, Behaviour

INTERRUPTION_ROWS = (
    # --- barge-in and cancellation ---
    Behaviour(
        "barge-in-before-output", "3.5",
        "Speech before any output: `input_audio_buffer.speech_started`, then `response.done`, cancelled, "
        "`turn_detected`, no output, usage zero.",
        "captured", BETA_CAPTURES,
    ),
    Behaviour(
        "barge-in-mid-output", "3.5",
        "Speech in mid-output: the start, then every open part and item is closed, `incomplete`, then `response.done`.",
        "inferred", f"{SPECIFICATION} that they are closed; the inner order is that of completion",
        "cancel_chain=full",
    ),
    Behaviour(
        "cancel-done-only", "3.5",
        "A response cancelled in mid-output sends `response.done` alone.",
        "assumed", OURS,
        "cancel_chain=done_only",
    ),
    Behaviour(
        "barge-in-after-output", "3.5",
        "Speech after `response.done`, while the client still plays: nothing but the start; a cancel finds nothing.",
        "reported", "many client issues, among them pipecat #3755 and openai-agents-js #189",
    ),
    Behaviour(
        "silent-turn", "3.5",
        "With `interrupt_response` off, a turn that ends during a response is committed and gets no answer, and no "
        "error.",
        "documented", f"{SPECIFICATION}: it 'may fail to create a response'",
    ),
    Behaviour(
        "out-of-band-uninterrupted", "3.5",
        "Speech interrupts the default conversation only.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "client-cancel", "3.5",
        "`response.cancel` ends a response with `response.done`, cancelled, `client_cancelled`; in mid-output its "
        "parts are closed first.",
        "documented", f"{SPECIFICATION}; the inner order is inferred",
        "cancel_chain=full",
    ),
    Behaviour(
        "create-during-cancel", "3.5",
        "A cancelled response sends nothing more and ends 100 ms later; a `response.create` before its `response.done` "
        "gets `conversation_already_has_active_response`.",
        "reported", "openai-agents-python #2760, #1907, openai-agents-js #1127; the 100 ms are assumed",
        "create_during_cancel=refused",
    ),
    Behaviour(
        "create-behind-cancel", "3.5",
        "A cancelled response ends at once; a `response.create` right behind `response.cancel` is taken.",
        "assumed", OURS,
        "create_during_cancel=accepted",
    ),
    Behaviour(
        "speech-during-cancel", "3.5",
        "Speech, or the end of a turn, before that end: the cancelled response ends first, and the turn is answered.",
        "assumed", OURS,
    ),
    Behaviour(
        "speech-before-created", "3.5",
        "Speech while `response.created` is late: it comes at once, and `response.done`, cancelled, behind it.",
        "inferred", f"{SPECIFICATION}: what was created is done",
    ),
    # --- manual commit ---
    Behaviour(
        "commit-no-stop", "3.6",
        "`input_audio_buffer.commit` in mid-speech: committed, added, done, and no "
        "`input_audio_buffer.speech_stopped`.",
        "documented", f"{SPECIFICATION} names the exception; {GA_PROBES}",
    ),
    Behaviour(
        "commit-turn-id", "3.6",
        "The item has the id that was sent with the turn's start.",
        "inferred", "a capture of a transcription session, 2025",
    ),
    Behaviour(
        "commit-no-response", "3.6",
        "A manual commit never makes a response.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "commit-idle", "3.6",
        "After it, detection is idle: the rest of the speech is a new turn.",
        "assumed", OURS,
        "commit_during_speech=idle",
    ),
    Behaviour(
        "commit-active", "3.6",
        "After it, detection stays active: the stop comes, under a new id, with no start before it.",
        "assumed", OURS,
        "commit_during_speech=active",
    ),
    # --- idle timeout ---
    Behaviour(
        "idle-order", "3.7",
        "A silent user: `input_audio_buffer.timeout_triggered`, `input_audio_buffer.committed`, added, done, "
        "`response.created`; again and again.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "idle-system-item", "3.7",
        "Before the commit a system message is added and done, which tells the model of the silence.",
        "captured", "a recording of gpt-realtime-2.1-mini, 2026-09",
        "idle_prompt=system_item",
    ),
    Behaviour(
        "idle-empty-turn", "3.7",
        "The silent turn counts as audio of its length, but no words are transcribed: "
        "`conversation.item.input_audio_transcription.completed` comes with an empty transcript, of no length.",
        "captured", "a recording of gpt-realtime-2.1-mini, 2026-09",
    ),
    Behaviour(
        "idle-no-item", "3.7",
        "There is no such message.",
        "documented", f"by its absence in {SPECIFICATION}",
        "idle_prompt=none",
    ),
    Behaviour(
        "idle-from-playback", "3.7",
        "The time runs from `response.done` plus the length of the audio just sent.",
        "documented", SPECIFICATION,
    ),
    Behaviour(
        "idle-audio-clock", "3.7",
        "The timeout counts appended audio, and stands still where nothing is appended.",
        "assumed", f"{OURS}; the example in {SPECIFICATION} lasts 6016 ms, which is 6000 on the grid of audio",
        "idle_clock=audio",
    ),
    Behaviour(
        "idle-wall-clock", "3.7",
        "The timeout counts time; positions are of appended audio all the same.",
        "assumed", OURS,
        "idle_clock=wall",
    ),
    Behaviour(
        "idle-stops", "3.7",
        "Speech stops the timer; it rests while a response is in progress or a turn is open.",
        "inferred", SPECIFICATION,
    ),
    Behaviour(
        "idle-needs-answer", "3.7",
        "Before the first answer, and without the setting, there is no timer.",
        "inferred", SPECIFICATION,
    ),
    Behaviour(
        "idle-answers-anyway", "3.7",
        "The prompt is made with `create_response` off, too.",
        "assumed", OURS,
    ),
    Behaviour(
        "idle-off-resets", "3.7",
        "Switching turn detection, or the timeout alone, off stops the timer.",
        "assumed", "ours: what openai-agents-js #1208 asks for",
        "idle_on_vad_off=reset",
    ),
    Behaviour(
        "idle-off-stale", "3.7",
        "Switching turn detection off leaves the timer running; it fires as soon as it is on again.",
        "reported", "openai-agents-js #1208",
        "idle_on_vad_off=stale",
    ),
    Behaviour(
        "idle-clear-keeps", "3.7",
        "`input_audio_buffer.clear` leaves the timer as it is.",
        "assumed", OURS,
        "idle_on_clear=keep",
    ),
    Behaviour(
        "idle-clear-restarts", "3.7",
        "`input_audio_buffer.clear` restarts the timer.",
        "assumed", "ours: openai-agents-js PR #1346, unmerged, takes it for granted",
        "idle_on_clear=restart",
    ),
    # --- push to talk ---
    Behaviour(
        "push-to-talk", "3.8",
        "With `turn_detection` null there are no `speech_*` events; the client commits, and then asks for a response.",
        "documented", GUIDES,
    ),
)  # fmt: skip
